package sqlite

import "strings"

// schemaPlaces: lists are asked for by any place where a customer is, and no longer only by what its field region says. The column is in the indexes of schemaLists.
const schemaPlaces = `
ALTER TABLE customers RENAME COLUMN region TO places; -- between bars: |上海|华东|
`

// placesText is how places stand in the column.
func placesText(places []string) string {
	if len(places) == 0 {
		return ""
	}
	return "|" + strings.Join(places, "|") + "|"
}
