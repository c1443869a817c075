package wecom

import (
	"strings"

	"lingke/internal/emulator/world"
)

const maxText = 2048 // bytes of text and markdown

// content are the objects of all message types; the one that msgtype names is read.
type content struct {
	Text struct {
		Content string `json:"content"`
	} `json:"text"`
	Markdown struct {
		Content string `json:"content"`
	} `json:"markdown"`
	TextCard struct {
		Title       string `json:"title"`
		Description string `json:"description"`
		URL         string `json:"url"`
	} `json:"textcard"`
	News struct {
		Articles []struct {
			Title       string `json:"title"`
			Description string `json:"description"`
			URL         string `json:"url"`
			PicURL      string `json:"picurl"`
		} `json:"articles"`
	} `json:"news"`
	Notice struct {
		AppID       string `json:"appid"`
		Title       string `json:"title"`
		Description string `json:"description"`
		Items       []struct {
			Key   string `json:"key"`
			Value string `json:"value"`
		} `json:"content_item"`
	} `json:"miniprogram_notice"`
	Card  *template `json:"template_card"`
	Image mediaRef  `json:"image"`
	File  mediaRef  `json:"file"`
}

// drawn is a checked message, ready to be shown.
type drawn struct {
	text, image string
	file, link  string
	card        *template
}

// shown is the message as people see it, but for its card.
func (d drawn) shown() world.Message {
	return world.Message{Text: d.text, Image: d.image, File: d.file, Link: d.link}
}

func (s *Server) message(kind string, c content) (drawn, answer) {
	switch kind {
	case "text":
		return text(c.Text.Content)
	case "markdown":
		if len(c.Markdown.Content) > maxText {
			return drawn{}, fail(40058, "markdown.content exceed max length 2048")
		}
		return text(c.Markdown.Content)
	case "textcard":
		return textCard(c)
	case "news":
		return news(c)
	case "miniprogram_notice":
		return notice(c)
	case "template_card":
		return s.templateCard(c.Card)
	case "image", "file":
		return s.mediaMessage(kind, c)
	case "voice", "video", "mpnews":
		return drawn{}, fail(40007, "invalid media_id") // the emulator keeps no such media, so no id can be right
	}
	return drawn{}, fail(40008, "invalid message type")
}

// text cuts what is too long instead of refusing it.
func text(t string) (drawn, answer) {
	if t == "" {
		return drawn{}, fail(44004, "text content is empty")
	}
	return drawn{text: cutBytes(t, maxText)}, answer{}
}

func textCard(c content) (drawn, answer) {
	switch {
	case c.TextCard.Title == "":
		return drawn{}, fail(41016, "missing title")
	case !strings.Contains(c.TextCard.URL, "://"):
		return drawn{}, fail(40058, "invalid textcard.url")
	}
	return drawn{text: cut(c.TextCard.Title, 128) + "\n" + cut(c.TextCard.Description, 512) + "\n" + c.TextCard.URL}, answer{}
}

func news(c content) (drawn, answer) {
	if n := len(c.News.Articles); n < 1 || n > 8 {
		return drawn{}, fail(40058, "news.articles size out of limit")
	}
	var lines []string
	for _, a := range c.News.Articles {
		if a.Title == "" {
			return drawn{}, fail(41016, "missing title")
		}
		lines = append(lines, strings.TrimSpace(a.Title+"\n"+a.Description+"\n"+a.URL))
	}
	return drawn{text: strings.Join(lines, "\n\n")}, answer{}
}

func notice(c content) (drawn, answer) {
	if c.Notice.AppID == "" || c.Notice.Title == "" {
		return drawn{}, fail(40058, "invalid miniprogram_notice")
	}
	lines := []string{c.Notice.Title, c.Notice.Description}
	for _, item := range c.Notice.Items {
		lines = append(lines, item.Key+"："+item.Value)
	}
	return drawn{text: strings.Join(lines, "\n")}, answer{}
}

// templateCard checks a card. One that calls back needs an app with a callback URL.
func (s *Server) templateCard(t *template) (drawn, answer) {
	if t == nil {
		return drawn{}, fail(42031, "invalid card_type")
	}
	if a := s.validate(t); a.code != 0 {
		return drawn{}, a
	}
	if t.updatable() && s.callback == "" {
		return drawn{}, fail(43012, "require callback url")
	}
	out := drawn{card: t}
	if t.Image != nil {
		out.image = t.Image.URL
	}
	return out, answer{}
}
