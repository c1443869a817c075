package kingdee

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"lingke/connectors"
)

// errNoAnswer is wrapped by errors about an answer that says neither yes nor no; trying again later may help.
var errNoAnswer = errors.New("the site gave no usable answer")

// decodeRows reads the answer of ExecuteBillQuery: an array of rows of width cells, in the order of the field keys. A
// refusal, which comes as an object in row 0 cell 0 or bare, is returned as *Error. Anything that is not surely rows is
// an error, so that a broken answer never looks like the end of the data.
func decodeRows(body []byte, width int) ([][]cell, error) {
	body, err := jsonText(body)
	if err != nil {
		return nil, err
	}
	if rows, ok := scanRows(body, width); ok {
		return rows, nil
	}
	return decodeAnyRows(body, width)
}

// decodeAnyRows is decodeRows of whatever is no page of plain rows, and says what that is.
func decodeAnyRows(body []byte, width int) ([][]cell, error) {
	if status := findStatus(body, 0); status != nil {
		if err := status.err(); err != nil {
			return nil, err
		}
	}
	var rows [][]cell
	if body[0] != '[' {
		return nil, fmt.Errorf("%w: expected rows, got %s", errNoAnswer, excerpt(body))
	}
	if err := json.Unmarshal(body, &rows); err != nil {
		return nil, fmt.Errorf("%w: rows cannot be read: %s", errNoAnswer, where(err))
	}
	for i, row := range rows {
		if len(row) > 0 && row[0].kind == nested {
			return nil, fmt.Errorf("%w: row %d begins with an object: %s", errNoAnswer, i, excerpt([]byte(row[0].text)))
		}
		if len(row) != width || width == 0 {
			return nil, fmt.Errorf("row %d has %d cells, expected %d: %w", i, len(row), width, connectors.ErrBadRecord)
		}
	}
	return rows, nil
}

// decodeSaved reads the answer of Save and its like; nil says that the site has done it.
func decodeSaved(body []byte) error {
	body, err := jsonText(body)
	if err != nil {
		return err
	}
	status := findStatus(body, 0)
	if status == nil {
		return fmt.Errorf("%w: expected a ResponseStatus, got %s", errNoAnswer, excerpt(body))
	}
	return status.err()
}

// jsonText returns what looks like the JSON array or object of an answer, or what stands in its place as an error.
func jsonText(body []byte) ([]byte, error) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
	if len(body) == 0 {
		return nil, fmt.Errorf("%w: it is empty", errNoAnswer)
	}
	var text string
	if body[0] == '"' && json.Unmarshal(body, &text) == nil {
		body = []byte(strings.TrimSpace(text)) // some proxies hand the text on as a JSON string
	}
	if len(body) > 0 && (body[0] == '[' || body[0] == '{') {
		return body, nil
	}
	said := excerpt(body)
	if e := refusal(0, said); e.Kind != nil {
		return nil, e
	}
	return nil, fmt.Errorf("%w: expected JSON, got %s", errNoAnswer, said)
}

// where tells the place of a decoding error without the words of the decoder's internals.
func where(err error) string {
	var t *json.UnmarshalTypeError
	if errors.As(err, &t) {
		return fmt.Sprintf("a %s at byte %d", t.Value, t.Offset)
	}
	return err.Error()
}

// status is the ResponseStatus that every answer but rows carries.
type status struct {
	ErrorCode json.RawMessage
	IsSuccess json.RawMessage // a boolean, in the documents a text
	MsgCode   json.RawMessage
	Errors    []struct {
		FieldName string
		Message   string
	}
}

// findStatus looks for a status object: bare, or inside one or two arrays as queries answer. nil says there is none.
func findStatus(body []byte, depth int) *status {
	if first := firstElement(body); first != nil && depth < 2 {
		return findStatus(first, depth+1)
	}
	if len(body) == 0 || body[0] != '{' {
		return nil
	}
	var answer struct {
		Result         *struct{ ResponseStatus *status }
		ResponseStatus *status
	}
	if json.Unmarshal(body, &answer) != nil {
		return nil
	}
	if answer.Result != nil && answer.Result.ResponseStatus != nil {
		return answer.Result.ResponseStatus
	}
	return answer.ResponseStatus
}

// firstElement returns the first element of a JSON array where that is an array or object, else nil. It reads no further,
// so that a page of rows costs nothing here.
func firstElement(body []byte) []byte {
	if len(body) == 0 || body[0] != '[' {
		return nil
	}
	rest := bytes.TrimLeft(body[1:], " \t\r\n")
	if len(rest) == 0 || (rest[0] != '[' && rest[0] != '{') {
		return nil
	}
	var first json.RawMessage
	if json.NewDecoder(bytes.NewReader(rest)).Decode(&first) != nil {
		return nil
	}
	return first
}

// err is nil for a success.
func (s *status) err() error {
	code, _ := strconv.Atoi(strings.Trim(string(s.MsgCode), `"`))
	if strings.EqualFold(strings.Trim(string(s.IsSuccess), `"`), "true") && code != codeSessionLost {
		return nil
	}
	var said []string
	for _, e := range s.Errors {
		text := e.Message
		if e.FieldName != "" {
			text = e.FieldName + ": " + text
		}
		if said = append(said, text); len(said) == 5 {
			break
		}
	}
	return refusal(code, strings.Join(said, "; "))
}
