package names

import "strings"

// Form is a legal form.
type Form int

// The legal forms.
const (
	NoForm      Form = iota // none: a short name
	Company                 // 公司 without more, which people write for either of the next two
	Limited                 // 有限公司, 有限责任公司, Co., Ltd.
	JointStock              // 股份有限公司
	Partnership             // 合伙企业
	Other                   // 厂, 店, 事务所, 中心…: each is the end of the name
)

// loose reports whether a form may stand for another loose one: it is left out, shortened, or changed when a company goes public.
func (f Form) loose() bool { return f <= JointStock }

// forms by their endings; of several that fit the longest counts.
var forms = map[string]Form{
	"有限公司": Limited, "有限责任公司": Limited, "责任有限公司": Limited, "有限公": Limited, "有限": Limited, "责任公司": Limited,
	"股份有限公司": JointStock, "股份公司": JointStock, "股份": JointStock, "股份有限": JointStock,
	"公司": Company, "总公司": Company,
	"合伙企业": Partnership, "有限合伙": Partnership, "普通合伙": Partnership, "特殊普通合伙": Partnership,
}

// others are endings that are told with the industry.
var others = []string{"工厂", "总厂", "分厂", "厂", "商店", "商行", "店", "事务所", "研究院", "研究所", "设计院", "合作社", "专业合作社", "医院", "学校", "大学", "学院", "中心", "工作室", "经营部", "门市部", "营业部", "个体工商户", "委员会", "协会", "银行", "信用社"}

// latinForms are the words at the end of foreign names.
var latinForms = map[string]Form{
	"co": Company, "company": Company, "ltd": Limited, "limited": Limited, "inc": JointStock, "incorporated": JointStock, "corp": JointStock, "corporation": JointStock,
	"llc": Limited, "gmbh": Limited, "ag": JointStock, "plc": JointStock, "llp": Partnership, "lp": Partnership, "pte": Limited, "pty": Limited, "sa": JointStock, "bv": Limited, "kg": Partnership,
}

// cutForm takes the legal form off the end of a folded name without brackets. "集团" before it is told apart.
func cutForm(text string) (rest string, form Form, group bool) {
	rest, form = cutLatinForm(text)
	if form == NoForm {
		rest, form = cutChineseForm(text)
	}
	for {
		cut, found := strings.CutSuffix(rest, "集团")
		if !found || len([]rune(cut)) < 2 {
			return rest, form, group
		}
		rest, group = cut, true
	}
}

func cutChineseForm(text string) (string, Form) {
	longest := ""
	for ending := range forms {
		if len(ending) > len(longest) && strings.HasSuffix(text, ending) {
			longest = ending
		}
	}
	if longest != "" {
		return text[:len(text)-len(longest)], forms[longest]
	}
	for _, ending := range others {
		if strings.HasSuffix(text, ending) && len(ending) < len(text) {
			return text, Other
		}
	}
	return text, NoForm
}

// cutLatinForm takes words like "co ltd" off the end, of which the last but "co" tells the form.
func cutLatinForm(text string) (string, Form) {
	form := NoForm
	words := strings.Fields(text)
	for len(words) > 1 {
		f, found := latinForms[words[len(words)-1]]
		if !found {
			break
		}
		form = max(form, f)
		words = words[:len(words)-1]
	}
	return strings.Join(words, " "), form
}

// joinLetters makes "l l c" one word: the dots between letters have become blanks.
func joinLetters(text string) string {
	words := strings.Fields(text)
	var out []string
	single := false
	for _, w := range words {
		one := len(w) == 1 && w[0] >= 'a' && w[0] <= 'z'
		if one && single {
			out[len(out)-1] += w
		} else {
			out = append(out, w)
		}
		single = one
	}
	return strings.Join(out, " ")
}

// branchKinds are the endings of branches' names. They are no companies of their own, but other places than their parents.
var branchKinds = []string{"分公司", "子公司", "分店", "分行", "支行", "分厂", "分部", "办事处", "代表处", "营业部", "门市部", "项目部", "分所", "分院", "分校"}

// parents are the endings of the name that a branch's own place stands behind.
var parents = []string{"公司", "集团", "银行", "事务所", "医院", "学校", "厂", "院"}

// cutBranch takes the branch off the end: of 华星机械有限公司北京市分公司 it leaves 华星机械有限公司 and 北京分公司. Where the parent has no
// legal form, the branch begins at the last place that is known.
func cutBranch(text string) (rest, branch string) {
	for _, kind := range branchKinds {
		head, found := strings.CutSuffix(text, kind)
		if !found || head == "" {
			continue
		}
		at := -1
		for _, p := range parents {
			if i := strings.LastIndex(head, p); i > 0 {
				at = max(at, i+len(p))
			}
		}
		if at < 0 {
			at = lastPlace(head)
		}
		if at <= 0 {
			continue
		}
		return head[:at], branchName(head[at:]) + kind
	}
	return text, ""
}

// branchName is a branch's own name; a place is written without 省 and 市, and without the wider ones before it.
func branchName(text string) string {
	places, rest := cutPlaces(text)
	if rest == "" && len(places) > 0 {
		return places[len(places)-1]
	}
	return text
}
