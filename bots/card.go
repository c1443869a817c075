package bots

// Card is what a person sees and can press, in no platform's terms. Texts are finished in the reader's language.
// Each platform cuts what exceeds its limits on a character boundary (see Cut).
type Card struct {
	Kind    string   `json:"kind"`             // what it is about: "lead", "task", …; never shown
	Title   string   `json:"title"`            // one line
	State   string   `json:"state,omitempty"`  // one line that says where it stands: 待领取, 已被张三领取
	Body    string   `json:"body,omitempty"`   // a few lines; of markdown only **bold**, lists and line breaks
	Fields  []Field  `json:"fields,omitempty"` // short name and value pairs, most important first
	Actions []Action `json:"actions,omitempty"`
	// Closed, when not empty, says why nothing can be pressed any more; it stands in the buttons' place and Actions is
	// ignored.
	Closed string `json:"closed,omitempty"`
}

// Field is one name and value of a card.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Action is one button. Pressing it comes back as a Click with its ID.
type Action struct {
	ID     string  `json:"id"` // unique inside the card: [a-z_]+, at most 32 characters
	Label  string  `json:"label"`
	Style  Style   `json:"style,omitempty"`
	Inputs []Input `json:"inputs,omitempty"` // what the person is asked for with this button, where the platform can
	// URL, when not empty, is what the button opens; pressing it then is no click. A platform that shows the card as text shows a link.
	URL string `json:"url,omitempty"`
	// Say is what a person types for the same, where the platform shows the card as text; "" where nothing can be typed.
	Say string `json:"say,omitempty"`
}

// Style is how much a button stands out.
type Style string

// The button styles; the empty Style is Plain.
const (
	Plain   Style = ""
	Primary Style = "primary"
	Danger  Style = "danger"
)

// Live reports whether the card still has something to press.
func (c Card) Live() bool { return c.Closed == "" && len(c.Actions) > 0 }
