package chat

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"lingke/bots"
	"lingke/connectors"
	"lingke/internal/access"
)

// asker is somebody of the matrix. All ask about one customer, which lina owns.
type asker struct{ name, user string }

var askers = []asker{
	{"the owner", "lina"}, {"a rep of the owner's team", "zw"}, {"a rep of another team", "zhaolei"}, {"a manager", "boss"}, {"finance", "money"}, {"an administrator", "root"},
}

// specified is what each asker is shown by a command, in the order of askers: "-" no permission, "0" nothing of a customer, else the layers by their initials. In a group the asker is
// shown the same, the part beyond the tier alone; group is set where a command shows less to whoever asks in a group.
type specified struct{ say, shows, group string }

// matrix has a row for each command of the table, by its id.
var matrix = map[string]specified{
	"look":        {say: "查 华星", shows: "tb tb t tbm tm tb"},
	"why":         {say: "为什么 华星", shows: "tb tb t tbm - tb"},
	"phone":       {say: "电话 华星 回访", shows: "tb t t tb - -"},
	"list":        {say: "名单 A级", shows: "tb tb t tbm tm tb"},
	"next":        {say: "下一页", shows: "0 0 0 0 0 0"},
	"previous":    {say: "上一页", shows: "0 0 0 0 0 0"},
	"report":      {say: "报表", shows: "- - - tm tm -"},
	"progress":    {say: "进度", shows: "0 0 0 0 - -"},
	"forecast":    {say: "预测", shows: "- - - tm tm -"},
	"at_risk":     {say: "流失", shows: "0 0 0 0 - -"},
	"answered":    {say: "回应 华星 已回访", shows: "t t t t - -"},
	"cause":       {say: "流失原因 华星 价格", shows: "t t t t - -"},
	"mute":        {say: "静音 2小时", shows: "0 0 0 0 0 0"},
	"channel":     {say: "通知方式", shows: "0 0 0 0 0 0"},
	"to_wecom":    {say: "用企业微信提醒我", shows: "0 0 0 0 0 0"},
	"to_dingtalk": {say: "用钉钉提醒我", shows: "0 0 0 0 0 0"},
	"remind":      {say: "提醒 明天10点 华星 报价", shows: "0 0 0 0 0 0"},
	"leave":       {say: "请假 明天", shows: "0 0 0 0 0 0"},
	"back":        {say: "销假", shows: "0 0 0 0 0 0"},
	"assign":      {say: "分配 华星 张伟 客户指定", shows: "t t t t - t"},
	"hand_over":   {say: "转交 华星 张伟", shows: "t t t t - -"},
	"delay":       {say: "暂缓 华星 10天 等预算", shows: "t t t t - -"},
	"extend":      {say: "延长 华星", shows: "t t t t - -"},
	"mine":        {say: "我的客户", shows: "tb 0 0 0 - -"},
	"today":       {say: "今日", shows: "tb 0 0 0 - -"},
	"claim":       {say: "领取 华星", shows: "t t t t - -"},
	"release":     {say: "退回 华星", shows: "t t t t - -"},
	"note":        {say: "跟进 华星 周三见面", shows: "tb t t tb - -", group: "t t t t - -"},
	"won":         {say: "赢单 华星 12万", shows: "tb t t tb - -", group: "t t t t - -"},
	"lost":        {say: "输单 华星 太贵", shows: "tb t t tb - -", group: "t t t t - -"},
	"feedback":    {say: "反馈 华星 好", shows: "tb t t tb - -", group: "t t t t - -"},
	"sources":     {say: "来源 华星", shows: "- - - tbm - tb"},
	"part":        {say: "拆分 华星 crm/1", shows: "- - - t - t"},
	"sync":        {say: "同步状态", shows: "- - - 0 - 0"},
	"import":      {say: "导入", shows: "- - - 0 - 0"},
	"recall":      {say: "撤销导入", shows: "- - - 0 - 0"},
	"log":         {say: "日志 华星", shows: "- - - t - t"},
	"finish":      {say: "完成 华星 已约见", shows: "t t t t - -"},
	"postpone":    {say: "延期 华星 2个工作日 出差", shows: "t t t t - -"},
	"assist":      {say: "求助 华星 要报价", shows: "t t t t - -"},
	"hand":        {say: "转办 华星 张伟", shows: "t t t t - -"},
	"quota":       {say: "额度", shows: "- - - 0 - 0"},
	"dead":        {say: "死信", shows: "- - - 0 - 0"},
	"help":        {say: "帮助", shows: "0 0 0 0 0 0"},
	"adjust":      {say: "调整 华星 +10% 老客户", shows: "tb tb t tb - -"},
}

// What stands in the customer's record, by the layer that it belongs to.
var (
	basisWords = []string{"85", "六百人企业", "陈志强", "138****5678", "13812345678", "周三见面", "太贵"}
	moneyWords = []string{"987.65", "9876543"}
)

// TestRoleByCommandByPlace asks every command of the table as everybody, in private and in a group, and looks at what is shown, to whom, and at the one line that is left.
func TestRoleByCommandByPlace(t *testing.T) {
	t.Parallel()
	for _, c := range commands() {
		row, known := matrix[c.id]
		if !known {
			t.Errorf("command %q has no row in the matrix: say who is shown what by it", c.id)
			continue
		}
		for _, group := range []bool{false, true} {
			want := row.shows
			if group && row.group != "" {
				want = row.group
			}
			for i, layers := range strings.Fields(want) {
				t.Run(fmt.Sprintf("%s by %s, group %v", c.id, askers[i].name, group), func(t *testing.T) {
					t.Parallel()
					ask(t, c, row.say, askers[i], group, layers)
				})
			}
		}
	}
}

func ask(t *testing.T, c command, text string, who asker, group bool, want string) {
	w := matrixWorld(t)
	before := len(w.lines())
	in := w.say(bots.DingTalk, who.user, text, group)
	here := shown(w.answer(in)) // what stands where it was asked
	alone := w.aside(in)
	all := w.lines()
	if len(all) != before+1 {
		t.Fatalf("%d lines, want one", len(all)-before)
	}
	line := all[before]
	if got := initials(line.Layers); got != want && (want != "-" || got != "0" && got != "t") {
		t.Errorf("logged %q, want %q: %s | %s", got, want, here, alone)
	}
	person, _ := w.chat.People.ByPlatform("dingtalk", who.user)
	if place := map[bool]string{false: "private", true: "group group1"}[group]; line.Person != person.ID || line.Place != place || line.Command != c.words[0] {
		t.Errorf("logged %+v", line)
	}
	if want == "-" && !strings.Contains(here+alone, "权限") {
		t.Errorf("not refused: %s", here)
	}
	basis, money := strings.Contains(want, "b"), strings.Contains(want, "m")
	told := here + alone
	if group {
		none(t, "the group", here, basisWords, moneyWords)
		told = alone
	}
	if !basis {
		none(t, "who may not know the basis", told, basisWords)
	}
	if !money {
		none(t, "who may not know amounts", told, moneyWords)
	}
}

func none(t *testing.T, who, text string, words ...[]string) {
	t.Helper()
	for _, word := range slices.Concat(words...) {
		if strings.Contains(text, word) {
			t.Errorf("%s is told %q in %q", who, word, text)
		}
	}
}

// initials are the layers of a line as the matrix writes them.
func initials(layers string) string {
	if layers == "" {
		return "0"
	}
	var out string
	for _, l := range strings.Fields(layers) {
		out += l[:1]
	}
	return out
}

// matrixWorld has one customer with something of every layer, owned by lina.
func matrixWorld(t *testing.T) *world {
	w := newWorld(t)
	must(t, w.chat.People.Replace(append(staff(), access.Person{ID: "root", Name: "管理员", Role: access.RoleAdmin, DingTalk: "root"})))
	w.phones = map[string]string{"1": "13812345678"}
	desk{w}.open()
	w.extra = map[string]string{"contact": "陈志强"}
	c := w.lead("1", "华星机械", 800)
	lina, _ := w.chat.People.ByID("lina")
	_, err := w.chat.Claims.Claim(t.Context(), c.ID, lina, "dingtalk")
	must(t, err)
	must(t, w.chat.Outgoing.Carry(t.Context(), c.ID))
	order := connectors.Record{Kind: connectors.Order, ID: "o1", Customer: "1", ModifiedAt: w.now(), Fields: map[string]string{
		"amount": "9876543", "date": w.now().Add(-24 * time.Hour).Format(time.RFC3339), "status": connectors.StatusWon,
	}}
	must(t, w.ingest.Apply(t.Context(), "crm", order))
	w.handle(w.say(bots.DingTalk, "boss", "查 华星", false)) // so that there is something in the log
	if got := w.customer(c.ID); got.Owner != "lina" {
		t.Fatalf("owned by %q", got.Owner)
	}
	return w
}
