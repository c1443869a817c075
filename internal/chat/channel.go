package chat

import (
	"context"
	"slices"
	"strings"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/delivery"
	"lingke/internal/dispatch"
	"lingke/internal/lang"
)

// channeling are the commands by which people choose the platform on which they are told things.
func channeling() []command {
	to := func(p bots.Platform) func(*Service, context.Context, question) (reply, error) {
		return func(s *Service, ctx context.Context, q question) (reply, error) {
			if !slices.Contains(tellMe, strings.ToLower(strings.TrimFunc(q.rest, around))) {
				return said(notUnderstood(q, q.rest)), nil
			}
			return s.chooseChannel(ctx, q, p)
		}
	}
	return []command{
		{id: "channel", words: []string{"通知方式", "提醒方式", "接收方式", "通知渠道", "channel"}, may: access.SeeTier, private: true, run: (*Service).channel, usage: lang.Text{
			ZH: "通知方式：查看在哪里收消息；通知方式 默认：恢复",
			EN: "channel: where you are told things; channel default: as it was",
		}},
		{id: "to_wecom", words: []string{"用企业微信", "用企微", "改用企业微信", "改用企微", "换成企业微信", "发到企业微信", "发企业微信", "企业微信提醒我", "企业微信通知我"}, may: access.SeeTier, private: true, run: to(bots.WeCom), usage: lang.Text{
			ZH: "用企业微信提醒我：在企业微信收消息，发不到时自动改用钉钉",
			EN: "channel wecom: you are told things in WeCom, in DingTalk where that fails",
		}},
		{id: "to_dingtalk", words: []string{"用钉钉", "改用钉钉", "换成钉钉", "发到钉钉", "发钉钉", "钉钉提醒我", "钉钉通知我"}, may: access.SeeTier, private: true, run: to(bots.DingTalk), usage: lang.Text{
			ZH: "用钉钉提醒我：在钉钉收消息，发不到时自动改用企业微信",
			EN: "channel dingtalk: you are told things in DingTalk, in WeCom where that fails",
		}},
	}
}

// channel answers 通知方式: how it is, or what it shall be.
func (s *Service) channel(ctx context.Context, q question) (reply, error) {
	word := strings.ToLower(strings.TrimFunc(q.rest, around))
	switch {
	case slices.Contains(statusWords, word):
		return said(s.channelText(q)), nil
	case slices.Contains(defaultWords, word):
		return s.chooseChannel(ctx, q, "")
	}
	for platform, names := range platformWords {
		if slices.Contains(names, word) {
			return s.chooseChannel(ctx, q, platform)
		}
	}
	return said(q.say("请写成：通知方式 企业微信、通知方式 钉钉，或 通知方式 默认。", "Please write: channel wecom, channel dingtalk, or channel default.")), nil
}

// chooseChannel keeps what the person wants; "" is the company's setting.
func (s *Service) chooseChannel(ctx context.Context, q question, p bots.Platform) (reply, error) {
	if s.Wishes == nil {
		return said(q.say("这里不能选择通知方式。", "The channel cannot be chosen here.")), nil
	}
	if p != "" && dispatch.Identity(q.who, p) == "" {
		return said(q.sayf("名单里没有你的%s账号，请联系管理员添加后再选。", "Your %s account is not known here; please ask an administrator to add it.", platformName(q, p))), nil
	}
	if _, err := s.Wishes.Change(ctx, q.who.ID, func(w delivery.Wish) delivery.Wish { w.Platform = p; return w }); err != nil {
		return reply{}, err
	}
	q.who.Chosen = string(p)
	return said(q.say("好的。", "All right. ") + s.channelText(q)), nil
}

// channelText says where the person is told things.
func (s *Service) channelText(q question) string {
	platform, _ := dispatch.Reach(q.who, "")
	other := ""
	for _, p := range bots.Platforms() {
		if p != platform && dispatch.Identity(q.who, p) != "" {
			other = q.sayf("，发不到时改用%s", "; where that fails, over %s", platformName(q, p))
		}
	}
	how := q.say("（公司设置）", " (the company's setting)")
	if q.who.Chosen != "" {
		how = q.say("（你的选择，发“通知方式 默认”恢复）", " (your choice; send “channel default” to undo it)")
	}
	return q.sayf("你的提醒和卡片发到%s%s%s。你在哪里提问，就在哪里回答。", "You are told things over %s%s%s. Your questions are answered where you ask.", platformName(q, platform), how, other)
}
