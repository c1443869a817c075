package peers

import (
	"cmp"
	"fmt"
	"strings"

	"cel.dev/cel-go/cel"
	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"
	"github.com/hyperjumptech/grule-rule-engine/ast"
	"github.com/hyperjumptech/grule-rule-engine/builder"
	"github.com/hyperjumptech/grule-rule-engine/engine"
	"github.com/hyperjumptech/grule-rule-engine/pkg"
)

// exprEngine runs one program per rule on a virtual machine that is kept, over maps that exist already: its fastest set-up.
type exprEngine struct {
	machine  vm.VM
	programs []*vm.Program
}

func newExpr(env map[string]any) (*exprEngine, error) {
	e := &exprEngine{}
	for _, text := range exprTexts() {
		p, err := expr.Compile(text, expr.Env(env))
		if err != nil {
			return nil, fmt.Errorf("expr: %s: %w", text, err)
		}
		e.programs = append(e.programs, p)
	}
	return e, nil
}

func exprTexts() (out []string) {
	for _, r := range rules {
		out = append(out, r.when)
	}
	for _, t := range terms {
		out = append(out, fmt.Sprintf("max(min(%s / %v, 1.0), 0.0) * %v", t.field, t.full, t.weight*1000))
	}
	return out
}

func (e *exprEngine) total(env map[string]any) (int64, error) {
	var total int64
	for i, p := range e.programs {
		v, err := e.machine.Run(p, env)
		if err != nil {
			return 0, err
		}
		total += value(i, v)
	}
	return capped(total), nil
}

// value is what the i-th program's answer brings; a term's is in thousandths already.
func value(i int, v any) int64 {
	switch v := v.(type) {
	case bool:
		return yes(v, rules[i].add)
	case float64:
		return int64(v + 0.5)
	}
	return 0
}

// celEngine runs one optimised program per rule.
type celEngine struct{ programs []cel.Program }

func newCEL(env map[string]any) (*celEngine, error) {
	var options []cel.EnvOption
	for name, v := range env {
		kind := cel.DoubleType
		if _, ok := v.(string); ok {
			kind = cel.StringType
		}
		options = append(options, cel.Variable(name, kind))
	}
	e, err := cel.NewEnv(options...)
	if err != nil {
		return nil, err
	}
	out := &celEngine{}
	for _, text := range celTexts() {
		checked, issues := e.Compile(text)
		if issues.Err() != nil {
			return nil, fmt.Errorf("cel: %s: %w", text, issues.Err())
		}
		p, err := e.Program(checked, cel.EvalOptions(cel.OptOptimize))
		if err != nil {
			return nil, err
		}
		out.programs = append(out.programs, p)
	}
	return out, nil
}

func celTexts() (out []string) {
	for _, r := range rules {
		out = append(out, cmp.Or(r.cel, r.when))
	}
	for _, t := range terms {
		share := fmt.Sprintf("%s / %.1f", t.field, t.full)
		out = append(out, fmt.Sprintf("(%s > 1.0 ? 1.0 : (%s < 0.0 ? 0.0 : %s)) * %.1f", share, share, share, t.weight*1000))
	}
	return out
}

func (e *celEngine) total(env map[string]any) (int64, error) {
	var total int64
	for i, p := range e.programs {
		v, _, err := p.Eval(env)
		if err != nil {
			return 0, err
		}
		total += value(i, v.Value())
	}
	return capped(total), nil
}

// Sum is where Grule's rules add their points.
type Sum struct{ Points int64 }

// Share lets a Grule rule add a term.
func (s *Sum) Share(v, weight, full float64) int64 { return share(v, weight, full) }

// gruleEngine fires its rules one after the other, each retracting itself, as its manual has it.
type gruleEngine struct {
	engine *engine.GruleEngine
	base   *ast.KnowledgeBase
}

func newGrule() (*gruleEngine, error) {
	library := ast.NewKnowledgeLibrary()
	err := builder.NewRuleBuilder(library).BuildRuleFromResource("bench", "1", pkg.NewBytesResource([]byte(gruleText())))
	if err != nil {
		return nil, err
	}
	base, err := library.NewKnowledgeBaseInstance("bench", "1")
	if err != nil {
		return nil, err
	}
	return &gruleEngine{engine.NewGruleEngine(), base}, nil
}

var gruleNames = strings.NewReplacer(
	"industry", "R.Industry", "headcount", "R.Headcount", "last_visit_days", "R.LastVisit", "order_amount_total", "R.Total",
	`region in ["华东", "华南"]`, `R.Region == "华东" || R.Region == "华南"`, `contact_role contains "总"`, `R.Role.Contains("总")`,
	"contact_role", "R.Role", "annual_revenue", "R.Revenue", "visits_30d", "R.Visits", "logins_30d", "R.Logins",
	"trial_features", "R.Trial", "events_365d", "R.Events", "content_90d", "R.Content", "order_count_365d", "R.Orders",
	"days_since_order", "R.Since", "largest_order", "R.Largest", "complaints_90d", "R.Complaints", "referrals", "R.Referrals",
	"stage", "R.Stage", "potential_acv", "R.ACV", "nps", "R.NPS", "repurchase_count_365d", "R.Repurchase",
)

func gruleText() string {
	var out strings.Builder
	for i, r := range rules {
		fmt.Fprintf(&out, "rule R%d { when %s then S.Points = S.Points + (%d); Retract(\"R%d\"); }\n",
			i, gruleNames.Replace(r.when), r.add*1000, i)
	}
	for i, t := range terms {
		fmt.Fprintf(&out, "rule T%d { when true then S.Points = S.Points + S.Share(%s, %.1f, %.1f); Retract(\"T%d\"); }\n",
			i, gruleNames.Replace(t.field), t.weight, t.full, i)
	}
	return out.String()
}

func (e *gruleEngine) total(r *Row) (int64, error) {
	sum, data := &Sum{}, ast.NewDataContext()
	if err := data.Add("R", r); err != nil {
		return 0, err
	}
	if err := data.Add("S", sum); err != nil {
		return 0, err
	}
	if err := e.engine.Execute(data, e.base); err != nil {
		return 0, err
	}
	return capped(sum.Points), nil
}
