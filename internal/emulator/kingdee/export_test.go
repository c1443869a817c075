package kingdee

import "encoding/json"

// Page runs a query of customers past HTTP and gives the number of rows.
func (s *Server) Page(filter, order string, start, limit int) int {
	data, _ := json.Marshal(map[string]any{"FormId": "BD_Customer", "FieldKeys": "FCUSTID,FNumber,FName,FGroup.FName,FModifyDate", "FilterString": filter, "OrderString": order, "StartRow": start, "Limit": limit})
	body, _ := json.Marshal(map[string]any{"data": json.RawMessage(data)})
	c, err := parseCall(body)
	if err != nil {
		return -1
	}
	_, rows, err := s.rows(c)
	if err != nil {
		return -1
	}
	return len(rows)
}
