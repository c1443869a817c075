package cards

import "lingke/internal/customer"

// Name is what a customer is called where its sources gave it no name.
func Name(c customer.Customer) string {
	if c.Name != "" {
		return c.Name
	}
	if len(c.Records) > 0 {
		return "（未命名）" + c.Records[0].Ref.ID()
	}
	return "（未命名）"
}

// legalForms end the names of companies, the longest first; a name is told without them where there is no room.
var legalForms = []string{"股份有限公司", "有限责任公司", "集团有限公司", "有限公司", "分公司", "公司"}
