package wecom

// template is a template card as it comes over the wire: as JSON in message/send and update_template_card, as XML in a
// passive reply, where a list is the repeated element of its name.
type template struct {
	CardType    string      `json:"card_type" xml:"CardType"`
	Source      *source     `json:"source" xml:"Source"`
	ActionMenu  *actionMenu `json:"action_menu" xml:"ActionMenu"`
	TaskID      string      `json:"task_id" xml:"TaskId"`
	MainTitle   heading     `json:"main_title" xml:"MainTitle"`
	Quote       *quoteArea  `json:"quote_area" xml:"QuoteArea"`
	Emphasis    *heading    `json:"emphasis_content" xml:"EmphasisContent"`
	SubTitle    string      `json:"sub_title_text" xml:"SubTitleText"`
	Horizontal  []pair      `json:"horizontal_content_list" xml:"HorizontalContentList"`
	Vertical    []heading   `json:"vertical_content_list" xml:"VerticalContentList"`
	Jumps       []link      `json:"jump_list" xml:"JumpList"`
	CardAction  *link       `json:"card_action" xml:"CardAction"`
	Image       *cardImage  `json:"card_image" xml:"CardImage"`
	ImageText   *imageText  `json:"image_text_area" xml:"ImageTextArea"`
	Selection   *selector   `json:"button_selection" xml:"ButtonSelection"`
	Buttons     []button    `json:"button_list" xml:"ButtonList"`
	Checkbox    *selector   `json:"checkbox" xml:"CheckBox"`
	Selects     []selector  `json:"select_list" xml:"SelectList"`
	Submit      *submit     `json:"submit_button" xml:"SubmitButton"`
	ReplaceText string      `json:"replace_text" xml:"ReplaceText"` // updates only: the buttons become this text
}

type source struct {
	IconURL   string `json:"icon_url" xml:"IconUrl"`
	Desc      string `json:"desc" xml:"Desc"`
	DescColor int    `json:"desc_color" xml:"DescColor"`
}

type actionMenu struct {
	Desc    string   `json:"desc" xml:"Desc"`
	Actions []button `json:"action_list" xml:"ActionList"` // text and key only
}

type heading struct {
	Title string `json:"title" xml:"Title"`
	Desc  string `json:"desc" xml:"Desc"`
}

type quoteArea struct {
	Type      int    `json:"type" xml:"Type"`
	URL       string `json:"url" xml:"Url"`
	AppID     string `json:"appid" xml:"AppId"`
	Title     string `json:"title" xml:"Title"`
	QuoteText string `json:"quote_text" xml:"QuoteText"`
}

// pair is a line of the horizontal list: type 0 text, 1 url, 2 file, 3 member.
type pair struct {
	Type    int    `json:"type" xml:"Type"`
	KeyName string `json:"keyname" xml:"KeyName"`
	Value   string `json:"value" xml:"Value"`
	URL     string `json:"url" xml:"Url"`
	MediaID string `json:"media_id" xml:"MediaId"`
	UserID  string `json:"userid" xml:"UserId"`
}

// link leads somewhere: type 0 nowhere, 1 url, 2 mini program.
type link struct {
	Type  int    `json:"type" xml:"Type"`
	Title string `json:"title" xml:"Title"`
	URL   string `json:"url" xml:"Url"`
	AppID string `json:"appid" xml:"AppId"`
}

type cardImage struct {
	URL   string  `json:"url" xml:"Url"`
	Ratio float64 `json:"aspect_ratio" xml:"AspectRatio"`
}

type imageText struct {
	Type     int    `json:"type" xml:"Type"`
	URL      string `json:"url" xml:"Url"`
	Title    string `json:"title" xml:"Title"`
	Desc     string `json:"desc" xml:"Desc"`
	ImageURL string `json:"image_url" xml:"ImageUrl"`
}

// selector is a drop-down, a vote's question, or one question of several.
type selector struct {
	QuestionKey string   `json:"question_key" xml:"QuestionKey"`
	Title       string   `json:"title" xml:"Title"`
	Mode        int      `json:"mode" xml:"Mode"` // of a vote: 1 allows several answers
	Options     []option `json:"option_list" xml:"OptionList"`
	Selected    string   `json:"selected_id" xml:"SelectedId"`
	Disable     bool     `json:"disable" xml:"Disable"`
}

type option struct {
	ID      string `json:"id" xml:"Id"`
	Text    string `json:"text" xml:"Text"`
	Checked bool   `json:"is_checked" xml:"IsChecked"`
}

// button is a button, or an entry of the menu: type 0 calls back, 1 opens the url.
type button struct {
	Type  int    `json:"type" xml:"Type"`
	Text  string `json:"text" xml:"Text"`
	Style int    `json:"style" xml:"Style"`
	Key   string `json:"key" xml:"Key"`
	URL   string `json:"url" xml:"Url"`
}

type submit struct {
	Text string `json:"text" xml:"Text"`
	Key  string `json:"key" xml:"Key"`
}

// The card types.
const (
	textNotice     = "text_notice"
	newsNotice     = "news_notice"
	buttonCard     = "button_interaction"
	voteCard       = "vote_interaction"
	multipleChoice = "multiple_interaction"
)

// interactive tells whether the type has buttons that call back.
func (t *template) interactive() bool {
	return t.CardType == buttonCard || t.CardType == voteCard || t.CardType == multipleChoice
}

// updatable tells whether the card gets a response_code.
func (t *template) updatable() bool { return t.interactive() || t.ActionMenu != nil }

// selectors are the questions of a card.
func (t *template) selectors() []selector {
	switch {
	case t.CardType == buttonCard && t.Selection != nil:
		return []selector{*t.Selection}
	case t.CardType == voteCard && t.Checkbox != nil:
		return []selector{*t.Checkbox}
	case t.CardType == multipleChoice:
		return t.Selects
	}
	return nil
}
