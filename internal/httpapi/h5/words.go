package h5

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"lingke/connectors"
	"lingke/internal/access"
	"lingke/internal/followup"
	"lingke/internal/lang"
)

// What several pages say.
var (
	reopen     = lang.Text{ZH: "请从聊天里的链接重新打开。", EN: "Please open the link in the chat again."}
	badLink    = lang.Text{ZH: "链接无效", EN: "The link is not valid"}
	notDone    = lang.Text{ZH: "没有执行", EN: "Nothing was done"}
	reload     = lang.Text{ZH: "页面已过期，请刷新后再试。", EN: "The page is too old. Please reload it and try again."}
	notAllowed = lang.Text{ZH: "没有权限", EN: "Not allowed"}
)

var (
	stateNames = map[followup.State]lang.Text{
		followup.Open: {ZH: "待办", EN: "Open"}, followup.Done: {ZH: "已完成", EN: "Done"}, followup.Cancelled: {ZH: "已取消", EN: "Cancelled"},
	}
	orderNames = map[string]lang.Text{
		connectors.StatusOpen: {ZH: "未成交", EN: "open"}, connectors.StatusWon: {ZH: "成交", EN: "won"}, connectors.StatusLost: {ZH: "丢单", EN: "lost"},
		connectors.StatusCancelled: {ZH: "取消", EN: "cancelled"},
	}
)

// language is what whoever asks reads: the one who is logged in, else the one for whom the link was made, else what the browser prefers.
func (s *server) language(r *http.Request) lang.Language {
	if who, ok := s.session(r); ok {
		return who.Language
	}
	address := r.URL
	if next, err := url.Parse(r.URL.Query().Get("next")); err == nil && next.Path != "" { // on the way to a page
		address = next
	}
	if id, _ := s.Links.Check(address.Path, address.Query().Get(access.LinkKey), s.Now()); id != "" { // an expired link was made for somebody as well
		if who, known := s.People.ByID(id); known {
			return who.Language
		}
	}
	return preferred(r.Header.Get("Accept-Language"))
}

// preferred is the language that an Accept-Language header wants most; Chinese where it wants neither.
func preferred(header string) lang.Language {
	best, weight := lang.Chinese, 0.0
	for one := range strings.SplitSeq(header, ",") {
		tag, parameter, _ := strings.Cut(strings.TrimSpace(one), ";")
		q := 1.0
		if text, ok := strings.CutPrefix(strings.TrimSpace(parameter), "q="); ok {
			q, _ = strconv.ParseFloat(text, 64) // 0 of what is no number
		}
		primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
		for _, l := range []lang.Language{lang.Chinese, lang.English} {
			if primary == string(l) && q > weight {
				best, weight = l, q
			}
		}
	}
	return best
}
