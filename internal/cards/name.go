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
