package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// errJSON says that a body is not one well-formed JSON value without doubts.
var errJSON = errors.New("not valid JSON")

// maxDepth is how deep values may be nested; no request of ours comes near it.
const maxDepth = 32

// decodeStrict is json.Unmarshal that refuses what encoding/json lets pass: members that come twice, of which it would keep the last, and
// bytes that are no UTF-8, which it would replace.
func decodeStrict(data []byte, v any) error {
	if !utf8.Valid(data) {
		return fmt.Errorf("%w: not UTF-8", errJSON)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if err := walk(dec, 0); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: something follows the value", errJSON)
	}
	return json.Unmarshal(data, v)
}

// walk reads one value.
func walk(dec *json.Decoder, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("%w: nested too deeply", errJSON)
	}
	token, err := dec.Token()
	if err != nil {
		return fmt.Errorf("%w: %w", errJSON, err)
	}
	switch token {
	case json.Delim('{'):
		return walkObject(dec, depth)
	case json.Delim('['):
		for dec.More() {
			if err := walk(dec, depth+1); err != nil {
				return err
			}
		}
		return closing(dec)
	}
	return nil
}

func walkObject(dec *json.Decoder, depth int) error {
	seen := make(map[string]bool)
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return fmt.Errorf("%w: %w", errJSON, err)
		}
		name, ok := token.(string)
		if !ok || seen[name] {
			return fmt.Errorf("%w: member %q comes twice", errJSON, name)
		}
		seen[name] = true
		if err := walk(dec, depth+1); err != nil {
			return err
		}
	}
	return closing(dec)
}

func closing(dec *json.Decoder) error {
	if _, err := dec.Token(); err != nil {
		return fmt.Errorf("%w: %w", errJSON, err)
	}
	return nil
}
