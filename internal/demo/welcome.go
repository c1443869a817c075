package demo

import (
	"fmt"
	"io"
)

// welcome tells what to open and what to try.
func welcome(out io.Writer, platforms, gateway, dir string, continued bool) {
	fmt.Fprintf(out, `
Lingke demo  领客演示

  Chat page  聊天页面   %[1]s/_emulator/
  API        接口       http://%[2]s/api/v1/customers   (Authorization: Bearer %[3]s)
  Store      数据       %[4]s
`, platforms, gateway, Token, dir)
	if continued {
		fmt.Fprint(out, `
Customers, owners and tasks are those of the last run; the chats begin anew.
客户、负责人和任务沿用上次的数据，聊天窗口从空白开始。
`)
	}
	fmt.Fprintf(out, `
Leads above 80 points go to the senior team (张伟, 李娜) and the manager 王芳, those above 50 to 刘洋 and 陈静.
80 分以上的线索发给高级销售（张伟、李娜）和主管王芳，50 分以上的发给普通销售（刘洋、陈静）。

Try  试试看
  1. Open the chat page and press 领取 on a card: every copy in DingTalk and WeCom says who has it.
     打开聊天页面，在任意一张卡片上点“领取”，两个平台上的同一张卡片都会显示由谁领取。
  2. Type 帮助, 查 <客户>, 为什么 <客户>, 我的客户 or 今日 to the bot.
     给机器人发：帮助、查 <客户>、为什么 <客户>、我的客户、今日。
  3. curl -H 'Authorization: Bearer %[2]s' 'http://%[1]s/api/v1/customers?tier=A&limit=5'

Stop with Ctrl-C  按 Ctrl-C 结束

`, gateway, Token)
}
