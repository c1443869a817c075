package report

import (
	"fmt"
	"slices"
	"strings"

	"lingke/internal/lang"
	"lingke/scoring"
	"lingke/scoring/validate"
)

// Suggest writes a draft model that the sample speaks for, with the fitted weights of the present model's rules beside the present ones as comments. It is
// for a person to review; it is a loadable model file, and nothing loads it. Errors: validate.ErrOutcomes, validate.ErrNoSignal.
func Suggest(s *Sample, v Validation, name string, l lang.Language) (string, error) {
	d, err := validate.Suggest(s.withoutFlags(), s.outcomes(), validate.Suggestion{})
	if err != nil {
		return "", err
	}
	text := beside(v, l) + d.YAML(name, string(l))
	if _, err := scoring.ParseModel("draft", []byte(text), s.schema); err != nil {
		return "", fmt.Errorf("the draft is no model: %w", err)
	}
	return text, nil
}

// withoutFlags leaves out what a rule would not compare with a text or a number.
func (s *Sample) withoutFlags() validate.Table {
	t := s.Table
	t.Categories = slices.DeleteFunc(slices.Clone(t.Categories), func(c validate.CategoryColumn) bool {
		f, _, _ := s.schema.Lookup(c.Field)
		return f.Kind == scoring.Flag
	})
	return t
}

// beside are the present rules' weights as comments.
func beside(v Validation, l lang.Language) string {
	if len(v.Weights) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(l.Sayf("# 现行模型 %s 的规则：现分值 → 数据支持的分值（样本中符合与不符合的成交率）\n",
		"# Rules of the present model %s: points now → by the data (won where it gives something, and elsewhere)\n", v.Model))
	for _, w := range v.Weights {
		b.WriteString(l.Sayf("#   %s %s：%s\n", "#   %s %s: %s\n", w.Rule, clean(lang.Text{ZH: w.Name, EN: w.NameEN}.In(l)), w.beside(l)))
	}
	b.WriteString("#\n")
	return b.String()
}

func (w Weight) beside(l lang.Language) string {
	if w.TooFew {
		return l.Sayf("%+.4g → 样本太少（%d 个符合）", "%+.4g → too few (%d customers)", w.Present, w.With.N)
	}
	return l.Sayf("%+.4g → %+.4g（%.0f%% 对 %.0f%%，%d 个符合）", "%+.4g → %+.4g (%.0f%% against %.0f%%, %d customers)", w.Present, w.Fitted, 100*w.With.Value, 100*w.Without.Value, w.With.N)
}

// clean keeps a name from ending its comment.
func clean(name string) string { return strings.Join(strings.Fields(name), " ") }
