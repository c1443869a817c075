package yonyou

import (
	"maps"
	"net/http"
)

// receivables lists one page of those that the filters under "simple" let through, each shown by show.
func (s *YonBIP) listReceivables(body map[string]any, most int, dates map[string]string, show func(*document) map[string]any) map[string]any {
	index, size, why := page(body, most, 10)
	if why != nil {
		return why
	}
	simple, _ := body["simple"].(map[string]any)
	found := s.receivables.find(func(d *document) bool {
		for theirs, ours := range dates {
			if !dateFits(simple, theirs, d.text(ours)) {
				return false
			}
		}
		return true
	})
	rows := []map[string]any{}
	for _, d := range paged(found, index, size) {
		rows = append(rows, show(d))
	}
	return succeeded(list(index, size, len(found), rows))
}

// listOAR is 应收事项: what is still open of a document stands in balance and localbalance.
func (s *YonBIP) listOAR(_ *http.Request, body map[string]any) map[string]any {
	return s.listReceivables(body, 500, map[string]string{"vouchdate": "vouchdate", "maturitydate": "maturitydate"}, func(d *document) map[string]any {
		row := s.common(d)
		row["detail_customer"], row["auditstatus"] = d.fields["customer"], orValue(d.fields["auditstatus"], 1)
		row["oriSum"], row["natSum"] = d.fields["amount"], d.fields["amount"]
		row["balance"], row["localbalance"] = d.fields["balance"], d.fields["balance"]
		return row
	})
}

// listEFI is 应收结算清单: whether a document is settled stands in writeOffState.
func (s *YonBIP) listEFI(_ *http.Request, body map[string]any) map[string]any {
	return s.listReceivables(body, 500, map[string]string{"billDate": "vouchdate"}, func(d *document) map[string]any {
		row := s.common(d)
		delete(row, "maturitydate") // no part of this list
		state := 2
		if shown(d.fields["balance"]) == "0" {
			state = 1
		}
		row["billDate"], row["verifyState"], row["writeOffState"] = d.fields["vouchdate"], 2, state
		row["bodyItemId"], row["bodyItemCustomer"] = d.id+1, d.fields["customer"]
		row["bodyItemOriTaxIncludedAmount"], row["bodyItemLocalTaxIncludedAmount"] = d.fields["amount"], d.fields["amount"]
		return row
	})
}

func (s *YonBIP) common(d *document) map[string]any {
	row := maps.Clone(d.fields)
	for _, own := range []string{"customer", "amount", "balance"} {
		delete(row, own)
	}
	if s.opts.NoDueDate {
		delete(row, "maturitydate")
	}
	row["id"], row["pubts"], row["modifyTime"] = d.id, stamp(d.modified), stamp(d.modified)
	return row
}

func orValue(v, otherwise any) any {
	if v == nil {
		return otherwise
	}
	return v
}
