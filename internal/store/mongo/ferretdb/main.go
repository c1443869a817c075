// Command ferretdb serves MongoDB's wire protocol on a loopback port, for tests: FerretDB v1 on top of SQLite files in one folder.
//
//	ferretdb -listen 127.0.0.1:0 -data DIR
//
// It prints its URI as the first line of its output, and ends when its input ends, so that it never outlives the test that started it.
//
// It is a module of its own, so that nothing of FerretDB becomes a dependency of Lingke.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "`address` to listen on")
	data := flag.String("data", "", "`folder` for the data; it must exist")
	flag.Parse()
	if err := run(*listen, *data); err != nil {
		fmt.Fprintln(os.Stderr, "ferretdb:", err)
		os.Exit(1)
	}
}

// run serves until the input ends or a signal comes.
func run(listen, data string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	server, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{TCP: listen},
		Logger:    slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})),
		Handler:   "sqlite",
		SQLiteURL: "file:" + filepath.ToSlash(filepath.Clean(data)) + "/",
	})
	if err != nil {
		return err
	}
	go func() {
		defer stop()
		_, _ = io.Copy(io.Discard, os.Stdin) // only its end matters
	}()
	go fmt.Println(server.MongoDBURI()) // known once Run listens
	return server.Run(ctx)
}
