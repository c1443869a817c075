package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"lingke/bots"
	"lingke/configs"
	"lingke/internal/app"
	"lingke/internal/demo"
)

// maxLine is how long a typed line may be.
const maxLine = 64 << 10

func chatCommand() *cobra.Command {
	var path, as, data string
	cmd := &cobra.Command{
		Use:   "chat --as PERSON",
		Short: "talk to the bot in the terminal as somebody, without any platform",
		Long: "Each line is what the person writes to the bot. Cards are shown as text with numbered buttons; a number presses one. /cards shows the newest cards that the person can press, " +
			"/quit ends. Lines may come from a file or a pipe. It works on the store of the config, or of a demo (lingke demo --data DIR); what it changes is changed.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			talk := func(a *app.App) error { return converse(cmd, a, as) }
			if data == "" {
				return withApp(cmd, path, talk)
			}
			cfg, err := demo.Kept(data)
			if err != nil {
				return err
			}
			return withConfig(cmd, cfg, talk)
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&as, "as", "", "id or name of the person who talks")
	cmd.Flags().StringVar(&data, "data", "", "the folder of a demo, instead of a config")
	_ = cmd.MarkFlagRequired("as") // there is such a flag
	return cmd
}

func withConfig(cmd *cobra.Command, cfg *configs.Config, do func(*app.App) error) error {
	a, err := app.New(cmd.Context(), cfg, app.WithLogger(logger(false)))
	if err != nil {
		return err
	}
	return errors.Join(do(a), a.Close())
}

// conversation is the terminal's side of a talk.
type conversation struct {
	talk   *app.Talk
	out    io.Writer
	in     *bufio.Scanner
	prompt bool // somebody sits before it
}

func converse(cmd *cobra.Command, a *app.App, as string) error {
	talk, err := a.Talk(as)
	if err != nil {
		return err
	}
	c := conversation{talk: talk, out: cmd.OutOrStdout(), in: bufio.NewScanner(cmd.InOrStdin())}
	c.in.Buffer(make([]byte, 4096), maxLine)
	if info, err := os.Stdin.Stat(); err == nil && cmd.InOrStdin() == os.Stdin {
		c.prompt = info.Mode()&os.ModeCharDevice != 0
	}
	if c.prompt {
		fmt.Fprintf(c.out, "你是 %s。发“帮助”看看机器人会什么，/cards 看可以点的卡片，数字点按钮，/quit 结束。\n", talk.Name())
	}
	for {
		line, ok := c.read(talk.Name() + "> ")
		if !ok || line == "/quit" {
			return c.in.Err()
		}
		if line == "" {
			continue
		}
		said, err := c.answer(cmd.Context(), line)
		if err != nil {
			return err
		}
		for _, s := range said {
			show(c.out, s)
		}
	}
}

func (c conversation) read(prompt string) (string, bool) {
	if c.prompt {
		fmt.Fprint(c.out, prompt)
	}
	if !c.in.Scan() {
		return "", false
	}
	return strings.TrimSpace(c.in.Text()), true
}

// answer does what a line asks for: a number presses a button of the last card.
func (c conversation) answer(ctx context.Context, line string) ([]app.Said, error) {
	if line == "/cards" {
		return c.talk.Cards(ctx)
	}
	n, err := strconv.Atoi(line)
	buttons := c.talk.Buttons()
	if err != nil || n < 1 || n > len(buttons) {
		return c.talk.Say(ctx, line)
	}
	return c.talk.Press(ctx, n, c.inputs(buttons[n-1]))
}

// inputs asks for what a button needs, a line each; an empty one leaves it out.
func (c conversation) inputs(a bots.Action) map[string]string {
	out := make(map[string]string)
	for _, in := range a.Inputs {
		label := in.Label
		for i, o := range in.Options {
			label += fmt.Sprintf("  %d) %s", i+1, o.Label)
		}
		value, ok := c.read(label + "：")
		if n, err := strconv.Atoi(value); err == nil && n >= 1 && n <= len(in.Options) {
			value = in.Options[n-1].ID
		}
		if ok && value != "" {
			out[in.ID] = value
		}
	}
	return out
}

// show writes one answer as text.
func show(out io.Writer, s app.Said) {
	if s.Card == nil {
		fmt.Fprintln(out, bots.Unmarked(s.Text))
		return
	}
	fmt.Fprintln(out, "┌ "+s.Card.Title)
	line := func(text string) {
		for l := range strings.SplitSeq(text, "\n") {
			if l != "" {
				fmt.Fprintln(out, "│ "+bots.Unmarked(l))
			}
		}
	}
	line(s.Card.State)
	for _, f := range s.Card.Fields {
		line(f.Name + "：" + f.Value)
	}
	line(s.Card.Body)
	if s.Card.Closed != s.Card.State {
		line(s.Card.Closed)
	}
	var labels []string
	for i, b := range s.Buttons {
		labels = append(labels, fmt.Sprintf("[%d] %s", i+1, b.Label))
	}
	fmt.Fprintln(out, "└ "+strings.Join(labels, "  "))
}
