// Package sample is the emulated world's content: a sales organisation, and the customers and orders that a manufacturer
// keeps in its ERP. Everything follows from a seed and an instant, so that two runs show the same.
//
// The way: People → world.New; Kingdee → PutRecord for each record; NewLead → PutRecord now and then, while a demo runs.
package sample

import "lingke/internal/emulator/world"

// People are a manager and six reps in three teams. 王芳, 张伟 and 刘洋 have both chat products, the others one of them.
func People() []world.Person {
	return []world.Person{
		{ID: "wangfang", Name: "王芳", Role: "manager", Team: "销售管理部", DingTalk: "manager1001", WeCom: "WangFang"},
		{ID: "zhangwei", Name: "张伟", Role: "rep", Team: "高级销售", DingTalk: "manager4220", WeCom: "ZhangWei"},
		{ID: "lina", Name: "李娜", Role: "rep", Team: "高级销售", DingTalk: "rep4221"},
		{ID: "liuyang", Name: "刘洋", Role: "rep", Team: "普通销售", DingTalk: "rep4222", WeCom: "LiuYang"},
		{ID: "chenjing", Name: "陈静", Role: "rep", Team: "普通销售", WeCom: "ChenJing"},
		{ID: "zhaolei", Name: "赵磊", Role: "rep", Team: "市场部", DingTalk: "rep4224"},
		{ID: "sunyue", Name: "孙悦", Role: "rep", Team: "市场部", WeCom: "SunYue"},
	}
}
