package httpapi

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// cursorSum is how many bytes of a cursor say which query it belongs to.
const cursorSum = 6

// encodeCursor makes what a caller puts into "after" from the store's own cursor and the query that it belongs to; "" after the last page.
func encodeCursor(query any, after string) string {
	if after == "" {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(append(querySum(query), after...))
}

// decodeCursor undoes encodeCursor. errCursor where the text is no cursor, or one of another query: with other filters it would leave
// customers out without a word.
func decodeCursor(query any, text string) (string, error) {
	if text == "" {
		return "", nil
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) <= cursorSum || !utf8.Valid(raw[cursorSum:]) || !bytes.Equal(raw[:cursorSum], querySum(query)) {
		return "", errCursor
	}
	return string(raw[cursorSum:]), nil
}

// querySum names a query by its kind and filters; cursor and limit of the query must be zero.
func querySum(query any) []byte {
	text, err := json.Marshal(query)
	if err != nil {
		panic(fmt.Sprintf("httpapi: encoding %T: %v", query, err)) // plain structs always encode
	}
	sum := sha256.Sum256(append(fmt.Appendf(nil, "%T ", query), text...))
	return sum[:cursorSum:cursorSum]
}
