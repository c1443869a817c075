package wecom

import "regexp"

var taskIDPattern = regexp.MustCompile(`^[0-9A-Za-z_@-]{1,128}$`)

const maxKey = 1024 // bytes

// validate gives the code of the first thing that is wrong with a card. The order in which the platform looks is not known.
func (s *Server) validate(t *template) answer {
	for _, check := range []func(*template) answer{checkType, checkTaskID, checkTitle, s.checkHorizontal, checkVertical, checkJumps, checkAction, checkMenu, checkByType} {
		if a := check(t); a.code != 0 {
			return a
		}
	}
	return answer{}
}

func checkType(t *template) answer {
	switch t.CardType {
	case textNotice, newsNotice, buttonCard, voteCard, multipleChoice:
		return answer{}
	}
	return fail(42031, "invalid card_type")
}

func checkTaskID(t *template) answer {
	if (t.updatable() || t.TaskID != "") && !taskIDPattern.MatchString(t.TaskID) {
		return fail(42014, "invalid task_id")
	}
	return answer{}
}

func checkTitle(t *template) answer {
	if t.MainTitle.Title == "" && (t.CardType != textNotice || t.SubTitle == "") {
		return fail(41016, "missing title")
	}
	return answer{}
}

func (s *Server) checkHorizontal(t *template) answer {
	if len(t.Horizontal) > 6 {
		return fail(42035, "horizontal_content_list size out of limit")
	}
	for _, p := range t.Horizontal {
		_, member := s.world.ByWeCom(p.UserID)
		switch {
		case p.KeyName == "":
			return fail(42027, "missing horizontal_content_list.keyname")
		case p.Type == 1 && p.URL == "":
			return fail(42028, "missing url")
		case p.Type == 2 && p.MediaID == "":
			return fail(42029, "missing media_id")
		case p.Type == 3 && !member:
			return fail(42050, "invalid horizontal_content_list.userid")
		}
	}
	return answer{}
}

func checkVertical(t *template) answer {
	if len(t.Vertical) > 4 {
		return fail(42036, "vertical_content_list size out of limit")
	}
	for _, v := range t.Vertical {
		if v.Title == "" {
			return fail(42033, "missing vertical_content_list.title")
		}
	}
	return answer{}
}

func checkJumps(t *template) answer {
	if len(t.Jumps) > 3 {
		return fail(42042, "jump_list size out of limit")
	}
	for _, j := range t.Jumps {
		if j.Title == "" {
			return fail(42033, "missing jump_list.title")
		}
		if a := checkLink(j); a.code != 0 {
			return a
		}
	}
	return answer{}
}

func checkLink(l link) answer {
	switch {
	case l.Type == 1 && l.URL == "":
		return fail(42028, "missing url")
	case l.Type == 2 && l.AppID == "":
		return fail(42030, "missing appid")
	}
	return answer{}
}

func checkAction(t *template) answer {
	notice := t.CardType == textNotice || t.CardType == newsNotice
	if notice && (t.CardAction == nil || t.CardAction.Type != 1 && t.CardAction.Type != 2) {
		return fail(42045, "invalid card_action")
	}
	if t.CardAction == nil {
		return answer{}
	}
	return checkLink(*t.CardAction)
}

func checkMenu(t *template) answer {
	if t.ActionMenu == nil {
		return answer{}
	}
	if n := len(t.ActionMenu.Actions); n < 1 || n > 3 {
		return fail(40058, "action_menu.action_list size out of limit")
	}
	seen := map[string]bool{}
	for _, a := range t.ActionMenu.Actions {
		if a.Key == "" || len(a.Key) > maxKey || seen[a.Key] {
			return fail(42051, "action_menu key conflict")
		}
		seen[a.Key] = true
	}
	return answer{}
}

func checkByType(t *template) answer {
	switch t.CardType {
	case newsNotice:
		if (t.Image == nil || t.Image.URL == "") && t.ImageText == nil {
			return fail(42044, "missing card_image.url")
		}
	case buttonCard:
		return checkButtons(t)
	case voteCard:
		return checkVote(t)
	case multipleChoice:
		return checkMultiple(t)
	}
	return answer{}
}

func checkButtons(t *template) answer {
	if n := len(t.Buttons); n < 1 || n > 6 {
		return fail(40058, "button_list size out of limit")
	}
	seen := map[string]bool{}
	for _, b := range t.Buttons {
		switch {
		case b.Text == "":
			return fail(42038, "invalid button_list.text")
		case b.Type == 1 && b.URL == "":
			return fail(42028, "missing url")
		case b.Type == 0 && (b.Key == "" || len(b.Key) > maxKey || seen[b.Key]):
			return fail(42039, "invalid button_list.key")
		}
		seen[b.Key] = b.Type == 0
	}
	if t.Selection == nil {
		return answer{}
	}
	return checkSelector(*t.Selection, 10)
}

func checkVote(t *template) answer {
	if t.Checkbox == nil {
		return fail(42043, "invalid question_key")
	}
	if a := checkSelector(*t.Checkbox, 20); a.code != 0 {
		return a
	}
	return checkSubmit(t)
}

func checkMultiple(t *template) answer {
	if n := len(t.Selects); n < 1 || n > 3 {
		return fail(42047, "select_list size out of limit")
	}
	for _, q := range t.Selects {
		if a := checkSelector(q, 10); a.code != 0 {
			return a
		}
	}
	return checkSubmit(t)
}

func checkSubmit(t *template) answer {
	if t.Submit == nil || t.Submit.Key == "" || len(t.Submit.Key) > maxKey {
		return fail(42046, "invalid submit_button.key")
	}
	return answer{}
}

func checkSelector(q selector, most int) answer {
	if q.QuestionKey == "" || len(q.QuestionKey) > maxKey {
		return fail(42043, "invalid question_key")
	}
	if len(q.Options) < 1 || len(q.Options) > most {
		return fail(42037, "option_list size out of limit")
	}
	seen := map[string]bool{}
	for _, o := range q.Options {
		switch {
		case o.ID == "" || len(o.ID) > 128 || seen[o.ID]:
			return fail(42040, "invalid option_list.id")
		case o.Text == "":
			return fail(42041, "invalid option_list.text")
		}
		seen[o.ID] = true
	}
	return answer{}
}
