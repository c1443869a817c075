package yonyou

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
)

// listMerchants is 客户档案 列表查询V2. Its rows have no pubts, and no rows are an error.
func (s *YonBIP) listMerchants(_ *http.Request, body map[string]any) map[string]any {
	index, size, why := page(body, 5000, 0)
	if why != nil {
		return why
	}
	found := s.merchants.find(func(d *document) bool { return merchantFits(d, body) })
	if s.opts.NewestFirst {
		found = slices.Clone(found)
		slices.Reverse(found)
	}
	rows := []map[string]any{}
	for _, d := range paged(found, index, size) {
		rows = append(rows, s.merchantRow(d))
	}
	if len(rows) == 0 {
		return refusal("118001", "根据条件查询结果为空")
	}
	return map[string]any{"code": "200", "message": "处理成功", "data": rows}
}

func merchantFits(d *document, body map[string]any) bool {
	at := stamp(d.modified)
	for key, want := range body {
		w := shown(want)
		ok := true
		switch key {
		case "id":
			ok = shown(d.id) == w
		case "code", "creditCode", "createOrgCode":
			ok = d.text(key) == w
		case "name", "fuzzyName":
			ok = contains(shown(chinese(d.fields["name"])), w)
		case "pubts", "beganTime":
			ok = at >= w
		case "endTime":
			ok = at <= w
		}
		if w != "" && !ok {
			return false
		}
	}
	return true
}

// chinese is the Chinese of a name, which a record may give as text or in several languages.
func chinese(name any) any {
	if m, ok := name.(map[string]any); ok {
		if v, ok := m["simplifiedName"]; ok {
			return v
		}
		return m["zh_CN"]
	}
	return name
}

// merchantRow shows a customer; its level is no part of this interface.
func (s *YonBIP) merchantRow(d *document) map[string]any {
	row := maps.Clone(d.fields)
	delete(row, "merchantAppliedDetail")
	row["id"] = d.id
	for _, key := range []string{"name", "shortname", "address"} {
		if v, ok := row[key]; ok {
			row[key] = s.languages(chinese(v))
		}
	}
	if _, ok := row["stopStatus"]; !ok {
		row["stopStatus"] = false
	}
	row["createTime"], row["modifyTime"] = stamp(d.created), stamp(d.modified)
	return row
}

func (s *YonBIP) languages(text any) map[string]any {
	if s.opts.Names == "zh_CN" {
		return map[string]any{"zh_CN": text, "en_US": "", "zh_TW": ""}
	}
	return map[string]any{"simplifiedName": text, "englishName": "", "traditionalName": ""}
}

// insertMerchant creates a customer.
func (s *YonBIP) insertMerchant(_ *http.Request, body map[string]any) map[string]any {
	data, _ := body["data"].(map[string]any)
	switch {
	case shown(chinese(data["name"])) == "":
		return refusal(0, "客户名称不能为空!")
	case shown(data["code"]) == "":
		return refusal(0, "客户编码不能为空!")
	}
	if key := shown(data["resubmitCheckKey"]); key != "" {
		if old := s.merchants.find(func(d *document) bool { return d.text("resubmitCheckKey") == key }); len(old) > 0 {
			return saved(old[0])
		}
	}
	d, err := s.merchants.put(data, s.now())
	if err != nil {
		return refusal(0, err.Error())
	}
	s.announce("merchant", d, "INSERT")
	return saved(d)
}

// updateMerchant changes a customer; name, code and createOrgCode must come with it.
func (s *YonBIP) updateMerchant(_ *http.Request, body map[string]any) map[string]any {
	for _, key := range []string{"code", "createOrgCode"} {
		if shown(body[key]) == "" {
			return refusal(0, key+"不能为空!")
		}
	}
	if shown(chinese(body["name"])) == "" {
		return refusal(0, "客户名称不能为空!")
	}
	old := s.merchants.get(shown(body["id"]))
	if old == nil {
		found := s.merchants.find(func(d *document) bool { return d.text("code") == shown(body["code"]) })
		if len(found) == 0 {
			return refusal("1002", "数据不存在")
		}
		old = found[0]
	}
	change := maps.Clone(body)
	change["id"] = json.Number(shown(old.id))
	d, err := s.merchants.put(change, s.now())
	if err != nil {
		return refusal(0, err.Error())
	}
	s.announce("merchant", d, "UPDATE")
	return saved(d)
}

func saved(d *document) map[string]any {
	return map[string]any{"code": "200", "success": true, "message": "操作成功", "data": []map[string]any{{"id": d.id, "code": d.text("code")}}}
}

// Level is the code of a customer's level, "" where it has none.
func (s *YonBIP) Level(id string) string {
	d := s.merchants.get(id)
	if d == nil {
		return ""
	}
	detail, _ := d.fields["merchantAppliedDetail"].(map[string]any)
	return shown(detail["customerLevelCode"])
}
