package dingtalk

import (
	"encoding/json"
	"fmt"
	"strings"

	"lingke/internal/emulator/world"
)

// webhookText turns a message of sessionWebhook and custom robots into what people read.
func webhookText(body map[string]json.RawMessage) (string, *failure) {
	var kind string
	if err := json.Unmarshal(body["msgtype"], &kind); err != nil {
		return "", &failure{errcode: 40035, text: "缺少参数 msgtype"}
	}
	if kind == "empty" {
		return "", nil
	}
	var part map[string]any
	if err := json.Unmarshal(body[kind], &part); err != nil {
		return "", &failure{errcode: 40035, text: "不合法的参数 " + kind}
	}
	var text string
	switch kind {
	case "text":
		text = str(part, "content")
	case "markdown":
		text = str(part, "text")
	case "link":
		text = link(str(part, "title"), str(part, "messageUrl"), str(part, "text"))
	case "actionCard":
		text = actionCard(part)
	case "feedCard":
		text = feedCard(part)
	default:
		return "", &failure{errcode: 400105, text: "不支持的消息类型"}
	}
	if text == "" {
		return "", &failure{errcode: 40035, text: "缺少参数 " + kind + " 的内容"}
	}
	return text, nil
}

func actionCard(part map[string]any) string {
	lines := []string{str(part, "text")}
	if t := str(part, "singleTitle"); t != "" {
		lines = append(lines, link(t, str(part, "singleURL"), ""))
	}
	for _, b := range objects(part["btns"]) {
		lines = append(lines, link(str(b, "title"), str(b, "actionURL"), ""))
	}
	return strings.Join(lines, "\n")
}

func feedCard(part map[string]any) string {
	var lines []string
	for _, l := range objects(part["links"]) {
		lines = append(lines, link(str(l, "title"), str(l, "messageURL"), ""))
	}
	return strings.Join(lines, "\n")
}

func link(title, address, text string) string {
	return strings.TrimSpace(fmt.Sprintf("[%s](%s)\n%s", title, address, text))
}

func str(m map[string]any, key string) string {
	s, _ := m[key].(string)
	return s
}

func objects(v any) []map[string]any {
	list, _ := v.([]any)
	var out []map[string]any
	for _, x := range list {
		if m, ok := x.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

// templates are the message templates of the robot API: msgKey → the parameters it must have.
func templates() map[string][]string {
	t := map[string][]string{
		"sampleText":        {"content"},
		"sampleMarkdown":    {"title", "text"},
		"sampleImageMsg":    {"photoURL"},
		"sampleLink":        {"title", "text", "messageUrl"},
		"sampleActionCard":  {"title", "text", "singleTitle", "singleURL"},
		"sampleActionCard6": {"title", "text", "buttonTitle1", "buttonUrl1", "buttonTitle2", "buttonUrl2"},
		"sampleAudio":       {"mediaId", "duration"},
		"sampleFile":        {"mediaId", "fileName", "fileType"},
		"sampleVideo":       {"videoMediaId", "videoType", "picMediaId", "duration"},
	}
	for n := 2; n <= 5; n++ {
		keys := []string{"title", "text"}
		for i := 1; i <= n; i++ {
			keys = append(keys, fmt.Sprintf("actionTitle%d", i), fmt.Sprintf("actionURL%d", i))
		}
		t[fmt.Sprintf("sampleActionCard%d", n)] = keys
	}
	return t
}

// templateText turns msgKey and msgParam into what people see.
func (s *Server) templateText(key string, param map[string]any) (m world.Message, f *failure) {
	needs, ok := templates()[key]
	if !ok {
		return m, bad("invalidParameter.msgKey.invalid")
	}
	for _, k := range needs {
		if v, ok := param[k]; !ok || v == nil || v == "" {
			return m, bad("miss.param." + k)
		}
	}
	switch {
	case key == "sampleText":
		m.Text = str(param, "content")
	case key == "sampleMarkdown":
		m.Text = str(param, "text")
	case key == "sampleImageMsg":
		m.Image, f = s.mediaLink(str(param, "photoURL"), true)
	case key == "sampleFile":
		m.File = str(param, "fileName")
		m.Link, f = s.mediaLink(str(param, "mediaId"), false)
	case key == "sampleLink":
		m.Text = link(str(param, "title"), str(param, "messageUrl"), str(param, "text"))
	case strings.HasPrefix(key, "sampleActionCard"):
		m.Text = buttonLines(param)
	default:
		m.Text = "[" + strings.TrimPrefix(key, "sample") + "]"
	}
	return m, f
}

// mediaLink is where the chat page finds an uploaded file; a picture may also be an address of its own.
func (s *Server) mediaLink(id string, address bool) (string, *failure) {
	if address && strings.Contains(id, "://") {
		return id, nil
	}
	if _, ok := s.media.find(id); !ok {
		return "", bad("invalidParameter.param.invalid")
	}
	return mediaPath + id, nil
}

// buttonLines is an action card as text: its body, and a link for every button.
func buttonLines(param map[string]any) string {
	lines := []string{str(param, "text")}
	pairs := [][2]string{{"singleTitle", "singleURL"}}
	for i := 1; i <= 5; i++ {
		pairs = append(pairs, [2]string{fmt.Sprintf("actionTitle%d", i), fmt.Sprintf("actionURL%d", i)},
			[2]string{fmt.Sprintf("buttonTitle%d", i), fmt.Sprintf("buttonUrl%d", i)})
	}
	for _, p := range pairs {
		if t := str(param, p[0]); t != "" {
			lines = append(lines, link(t, str(param, p[1]), ""))
		}
	}
	return strings.Join(lines, "\n")
}
