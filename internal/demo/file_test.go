package demo

import (
	"testing"
	"time"
)

// TestAFileIsDroppedIntoTheChatPage drags a table onto the manager's DingTalk, reads what it would do, and confirms.
func TestAFileIsDroppedIntoTheChatPage(t *testing.T) {
	r := start(t, Options{Customers: 20, Orders: 60, LeadEvery: time.Hour})
	w := open(t, r.page, "?people=wangfang", 1400, 900)
	wang := w.chat("dingtalk", "wangfang")
	w.sees("the file is dropped", `(() => {
		const files = new DataTransfer();
		files.items.add(new File(['客户名称,手机\n宁波北仑铸造有限公司,13800000001\n'], '客户.csv'));
		document.querySelector('`+wang.id+`').dispatchEvent(new DragEvent('drop', { dataTransfer: files, bubbles: true, cancelable: true }));
		return 'dropped';
	})()`)
	wang.has("[data-card]", "客户.csv")
	wang.has("[data-card]", "新增 1")
	w.keep("file")
	wang.press("请确认", "confirm")
	wang.has("[data-card] [data-note]", "已导入")
}
