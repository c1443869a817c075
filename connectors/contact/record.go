package contact

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"lingke/connectors"
)

// person is a contact as the platform has it.
type person struct {
	ID           string `json:"external_userid"`
	Name         string `json:"name"`
	Position     string `json:"position"`
	CorpName     string `json:"corp_name"`
	CorpFullName string `json:"corp_full_name"`
	Type         int    `json:"type"` // 1 WeChat, 2 WeCom
}

// relation is what one member notes of a contact. The pages name the company remark_corp_name, a sample remark_company; mobiles are texts on the page and numbers in a
// sample: both are read.
type relation struct {
	UserID      string     `json:"userid"`
	Remark      string     `json:"remark"`
	Description string     `json:"description"`
	Created     int64      `json:"createtime"` // seconds
	Corp        string     `json:"remark_corp_name"`
	Company     string     `json:"remark_company"`
	Mobiles     []flexText `json:"remark_mobiles"`
	AddWay      int        `json:"add_way"`
	State       string     `json:"state"`
	Tags        []namedTag `json:"tags"`
	TagIDs      []string   `json:"tag_id"`
}

type namedTag struct {
	Name string `json:"tag_name"`
}

// flexText is a text that may be written as a number.
type flexText string

// UnmarshalJSON reads either.
func (t *flexText) UnmarshalJSON(raw []byte) error {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		*t = flexText(text)
		return nil
	}
	var number json.Number
	if err := json.Unmarshal(raw, &number); err != nil {
		return err
	}
	*t = flexText(number.String())
	return nil
}

// record makes the customer of a contact and some of its relations, as it was at an instant, or when the newest relation began. What members noted (company, mobile) is what the customer told them; the oldest relation counts first,
// so that it does not depend on the order of pages.
func record(p person, relations []relation, at time.Time) connectors.Record {
	relations = slices.Clone(relations)
	slices.SortFunc(relations, func(a, b relation) int {
		return cmp.Or(cmp.Compare(a.Created, b.Created), strings.Compare(a.UserID, b.UserID))
	})
	r := connectors.Record{Kind: connectors.Customer, ID: p.ID, Fields: map[string]string{}}
	company, mobile := cmp.Or(p.CorpFullName, p.CorpName), ""
	for _, rel := range relations {
		company = cmp.Or(company, rel.Corp, rel.Company)
		if mobile == "" && len(rel.Mobiles) > 0 {
			mobile = string(rel.Mobiles[0])
		}
		if began := time.Unix(rel.Created, 0); began.After(at) {
			at = began
		}
	}
	r.ModifiedAt = at.UTC().Truncate(time.Millisecond)
	for field, value := range map[string]string{
		connectors.FieldName: cmp.Or(company, p.Name), connectors.FieldContact: p.Name, connectors.FieldPhone: mobile,
		"contact_role": p.Position, "source": addWay(relations),
	} {
		if value = strings.TrimSpace(value); value != "" {
			r.Fields[field] = value
		}
	}
	return r
}

// addWays are how a contact came about, in the words of the platform's page.
var addWays = map[int]string{
	1: "扫描二维码", 2: "搜索手机号", 3: "名片分享", 4: "群聊", 5: "手机通讯录", 6: "微信联系人", 8: "安装第三方应用时添加", 9: "搜索邮箱", 10: "视频号",
	11: "日程参与人", 12: "会议参与人", 13: "添加微信好友对应的企业微信", 14: "智慧硬件客服", 15: "上门服务客服", 16: "获客链接", 17: "定制开发", 18: "需求回复",
	21: "第三方售前客服", 22: "可能的商务伙伴", 24: "接受微信账号收到的好友申请", 201: "内部成员共享", 202: "管理员分配",
}

// addWay says how the first relation came about.
func addWay(relations []relation) string {
	if len(relations) == 0 || relations[0].AddWay == 0 {
		return ""
	}
	way, known := addWays[relations[0].AddWay]
	if !known {
		way = "方式" + strconv.Itoa(relations[0].AddWay)
	}
	return "企业微信:" + way
}
