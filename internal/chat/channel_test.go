package chat

import (
	"strings"
	"testing"

	"lingke/bots"
	"lingke/internal/delivery"
	"lingke/internal/dispatch"
	"lingke/internal/store"
)

func TestPeopleChooseWhereTheyAreTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	book := delivery.NewWishBook(w.store, w.now, store.ErrConflict)
	book.Watch(func(all delivery.Wishes) {
		chosen := map[string]string{}
		for id, wish := range all {
			chosen[id] = string(wish.Platform)
		}
		w.chat.People.SetChosen(chosen)
	})
	w.chat.Wishes = book
	for _, c := range []struct{ from, say, want, goes string }{
		{"zw", "通知方式", "你的提醒和卡片发到钉钉（公司设置），发不到时改用企业微信", "dingtalk"},
		{"zw", "用企业微信提醒我", "你的提醒和卡片发到企业微信（你的选择，发“通知方式 默认”恢复），发不到时改用钉钉", "wecom"},
		{"zw", "静音 2h", "已静音", "wecom"},
		{"zw", "静音 取消", "已取消静音", "wecom"},
		{"zw", "通知方式", "企业微信（你的选择", "wecom"},
		{"zw", "用企业微信登录怎么弄", "没看懂", "wecom"},
		{"zw", "通知方式 传真", "请写成", "wecom"},
		{"zw", "提醒方式 钉钉", "你的提醒和卡片发到钉钉（你的选择", "dingtalk"},
		{"zw", "改用企微", "发到企业微信", "wecom"},
		{"zw", "通知方式 默认", "你的提醒和卡片发到钉钉（公司设置）", "dingtalk"},
		{"lina", "用企业微信提醒我", "名单里没有你的企业微信账号", "dingtalk"},
		{"zw", "帮助", "用企业微信提醒我：在企业微信收消息", "dingtalk"},
	} {
		if got := w.ask(c.from, c.say); !strings.Contains(got, c.want) {
			t.Errorf("%q is answered %q, want %q", c.say, got, c.want)
		}
		if platform, _ := dispatch.Reach(person(t, w, c.from), bots.DingTalk); string(platform) != c.goes {
			t.Errorf("after %q things go to %s, want %s", c.say, platform, c.goes)
		}
	}
}
