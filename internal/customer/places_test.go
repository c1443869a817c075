package customer

import (
	"slices"
	"testing"
)

func TestACustomerIsWhereItsNameAndItsFieldsSay(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name   string
		fields map[string]string
		want   []string
	}{
		{"苏州华星精密机械有限公司", nil, []string{"苏州"}},
		{"华兴电子（上海）有限公司", map[string]string{"region": "华东"}, []string{"上海", "华东"}},
		{"宏远贸易", map[string]string{"province": "广东省", "city": "深圳市"}, []string{"广东", "广东省", "深圳", "深圳市"}},
		{"宏远贸易", map[string]string{"region": "江苏省苏州市"}, []string{"江苏", "江苏省苏州市", "苏州"}},
		{"Acme Ltd", map[string]string{"region": "EMEA"}, []string{"EMEA"}},
		{"宏远贸易", nil, nil},
	} {
		c := Customer{Name: x.name, Fields: map[string]Field{}}
		for name, value := range x.fields {
			c.Fields[name] = Field{Value: value}
		}
		slices.Sort(x.want)
		if got := c.Places(); !slices.Equal(got, x.want) {
			t.Errorf("%s %v is in %q, want %q", x.name, x.fields, got, x.want)
		}
	}
}
