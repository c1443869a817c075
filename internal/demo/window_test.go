package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// window is a browser window on the chat page.
type window struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	troubles []string // what the page complained of, and what it asked from other hosts
}

// open opens the page in a window of that size, with the columns that query names. The test is skipped where there is no Chromium. A complaint in the
// console or a request to another host fails the test.
func open(t *testing.T, page, query string, width, height int64) *window {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser.get(t))
	t.Cleanup(cancel)
	w := &window{t: t, ctx: ctx}
	w.watch(page)
	w.do("open the page", chromedp.EmulateViewport(width, height), chromedp.Navigate(page+query))
	w.sees("the page is live", `document.querySelector('#live[data-live=true]')`)
	t.Cleanup(w.quiet)
	return w
}

// browser is the one Chromium that all tests share, each in a tab of its own. It starts with the first.
var browser chromium

type chromium struct {
	once sync.Once
	ctx  context.Context //nolint:containedctx // of the process, which outlives each test
	err  error
	end  []func()
}

func TestMain(m *testing.M) {
	code := m.Run()
	for _, end := range slices.Backward(browser.end) {
		end()
	}
	os.Exit(code)
}

func (b *chromium) get(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("no Chromium here: the chat page is not looked at")
	}
	b.once.Do(func() { b.start(path) })
	if b.err != nil {
		t.Fatalf("start Chromium: %v", b.err)
	}
	return b.ctx
}

func (b *chromium) start(path string) {
	var home string
	if home, b.err = os.MkdirTemp("", "lingke-chromium-"); b.err != nil {
		return
	}
	b.end = append(b.end, func() { _ = os.RemoveAll(home) })
	options := append(chromedp.DefaultExecAllocatorOptions[:len(chromedp.DefaultExecAllocatorOptions):len(chromedp.DefaultExecAllocatorOptions)],
		chromedp.ExecPath(path), chromedp.UserDataDir(home), chromedp.NoSandbox, chromedp.DisableGPU)
	for _, flag := range []string{"disable-quic", "disable-component-update", "disable-background-networking", "disable-sync", "no-first-run"} {
		options = append(options, chromedp.Flag(flag, true))
	}
	allocator, end := chromedp.NewExecAllocator(context.Background(), options...)
	b.end = append(b.end, end)
	b.ctx, end = chromedp.NewContext(allocator)
	b.end = append(b.end, end)
	b.err = chromedp.Do(b.ctx)
}

// watch notes what the console says and which other hosts the page asks.
func (w *window) watch(page string) {
	home, err := url.Parse(page)
	if err != nil {
		w.t.Fatal(err)
	}
	console := chromedp.Console(w.ctx)
	requests := chromedp.Events(w.ctx, network.RequestWillBeSent)
	if _, err := chromedp.Call(w.ctx, network.Enable, network.EnableParams{}); err != nil {
		w.t.Fatalf("start the browser: %v", err)
	}
	go func() {
		for m, err := range console {
			if err == nil && (m.Type == chromedp.ConsoleError || m.Type == chromedp.ConsoleWarning || m.Type == chromedp.ConsoleException) {
				w.trouble("console: %s: %s", m.Type, m.Text)
			}
		}
	}()
	go func() {
		for r, err := range requests {
			if err != nil {
				continue
			}
			if u, err := url.Parse(r.Request.URL); err != nil || u.Scheme != "data" && u.Host != home.Host {
				w.trouble("request to %s", r.Request.URL)
			}
		}
	}()
}

func (w *window) trouble(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.troubles = append(w.troubles, fmt.Sprintf(format, args...))
}

// quiet fails the test if the page complained or went elsewhere.
func (w *window) quiet() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, trouble := range w.troubles {
		w.t.Error(trouble)
	}
}

func (w *window) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		w.keep("failed")
		w.t.Fatalf("%s: %v", what, err)
	}
}

// sees waits until an expression is true and returns it as text.
func (w *window) sees(what, expression string) string {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Poll[string](`(() => { const v = `+expression+`; return v ? String(v) : null; })()`,
		chromedp.WithPollingInterval(20*time.Millisecond), chromedp.WithPollingTimeout(patience)))
	if err != nil {
		w.keep("failed")
		w.t.Fatalf("waited in vain until %s: %v", what, err)
	}
	return text
}

// keep stores a picture of the window where LINGKE_TEST_PICTURES names a folder.
func (w *window) keep(name string) {
	dir := os.Getenv("LINGKE_TEST_PICTURES")
	if dir == "" {
		return
	}
	picture, err := chromedp.Run(w.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, strings.ReplaceAll(w.t.Name(), "/", "-")+"-"+name+".png"), picture, 0o600)
	}
	if err != nil {
		w.t.Logf("picture %s: %v", name, err)
	}
}

// chat is one column of the page.
type chat struct {
	*window
	id string
}

func (w *window) chat(platform, person string) chat {
	return chat{w, "#chat-" + platform + "-" + person}
}

// find is the JavaScript of the last element of the column that a selector matches and whose text holds a part.
func (c chat) find(selector, part string) string {
	s, _ := json.Marshal(c.id + " " + selector)
	p, _ := json.Marshal(part)
	return fmt.Sprintf(`[...document.querySelectorAll(%s)].filter((e) => e.textContent.includes(%s)).at(-1)`, s, p)
}

// has waits for an element that holds a part of text, and returns its text.
func (c chat) has(selector, part string) string {
	c.t.Helper()
	return c.sees(fmt.Sprintf("%s shows %s with %q", c.id, selector, part), c.find(selector, part)+"?.innerText")
}

// card waits for the card of a customer and returns the JavaScript that finds it.
func (c chat) card(part string) string {
	c.t.Helper()
	c.has("[data-card]", part)
	return c.find("[data-card]", part)
}

// press clicks a button of the last card that holds a part of text, with the mouse.
func (c chat) press(part, action string) {
	c.t.Helper()
	button := fmt.Sprintf(`%s?.querySelector('[data-action=%q]:not(:disabled)')`, c.card(part), action)
	c.sees(c.id+" can press "+action+" of "+part, button)
	c.click(button)
}

// fills answers a question that a card's form asks.
func (c chat) fills(input, answer string) {
	c.t.Helper()
	c.do("answer "+input, chromedp.SendKeys(chromedp.CSS(c.id+` [data-input="`+input+`"]`), answer))
}

// click brings an element into view and clicks its middle.
func (c chat) click(element string) {
	c.t.Helper()
	type point struct{ X, Y float64 }
	ctx, cancel := context.WithTimeout(c.ctx, patience)
	defer cancel()
	at, err := chromedp.Run(ctx, chromedp.Evaluate[point](fmt.Sprintf(
		`(() => { const e = %s; e.scrollIntoView({ block: 'center', inline: 'nearest' }); const r = e.getBoundingClientRect(); return { X: r.x + r.width / 2, Y: r.y + r.height / 2 }; })()`, element)))
	if err != nil {
		c.t.Fatalf("find %s: %v", element, err)
	}
	c.do("click", chromedp.MouseClickXY(at.X, at.Y))
}

// types types a text into the box, key by key, and sends it.
func (c chat) types(text string) {
	c.t.Helper()
	c.do("type "+text, chromedp.SendKeys(chromedp.CSS(c.id+" [data-box]"), text), chromedp.Click(chromedp.CSS(c.id+" [data-send]")))
}

// answers types a text and waits for an answer that holds a part; it returns the answer.
func (c chat) answers(text, part string) string {
	c.t.Helper()
	c.types(text)
	return c.has(`[data-message]:not(.mine) .text`, part)
}
