package configs

import (
	"fmt"
	"strings"
)

// Env looks up a variable of the environment; os.LookupEnv is one.
type Env func(name string) (value string, found bool)

// expand replaces each ${NAME} of text by its value; $${ stands for ${ itself and a lone $ for itself. What is wrong is
// told without any value. used says whether something of the environment is in the result.
func expand(text string, env Env) (result string, used bool, wrong []string) {
	var out strings.Builder
	for {
		at := strings.Index(text, "${")
		if at < 0 {
			out.WriteString(text)
			return out.String(), used, wrong
		}
		if at > 0 && text[at-1] == '$' {
			out.WriteString(text[:at-1] + "${")
			text = text[at+2:]
			continue
		}
		out.WriteString(text[:at])
		name, after, closed := strings.Cut(text[at+2:], "}")
		if !closed || !envName(name) {
			wrong = append(wrong, "${ is not followed by the name of an environment variable and }")
			text = text[at+2:]
			continue
		}
		value, found := "", false
		if env != nil {
			value, found = env(name)
		}
		if !found {
			wrong = append(wrong, fmt.Sprintf("environment variable %s is not set", name))
		}
		out.WriteString(value)
		used, text = true, after
	}
}

func envName(name string) bool {
	for i, r := range name {
		letter := r == '_' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return name != ""
}
