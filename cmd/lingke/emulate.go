package main

import (
	"fmt"
	"net"
	"os"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"lingke/internal/demo"
)

func emulateCommand() *cobra.Command {
	var addr, callback string
	var customers, orders int
	cmd := &cobra.Command{
		Use:   "emulate",
		Short: "run only the emulated platforms, with the sample company of the demo",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if os.Getenv("GOGC") == "" {
				debug.SetGCPercent(50) // here the live heap is what is large: all the companies' records
			}
			em, err := demo.Emulator(customers, orders, callback, time.Now)
			if err != nil {
				return err
			}
			defer em.Close()
			l, err := new(net.ListenConfig).Listen(cmd.Context(), "tcp", addr)
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "Chat page  http://%s/_emulator/\n", l.Addr())
			fmt.Fprintf(cmd.OutOrStdout(), "To try a connector out, save this as lingke.yaml in another folder and run lingke doctor, sync and serve there:\n\n%s",
				demo.Sample("http://"+l.Addr().String()))
			return em.Run(cmd.Context(), l)
		},
	}
	cmd.Flags().StringVar(&addr, "addr", "127.0.0.1:8090", "address; keep it on this machine: nothing here asks who you are")
	cmd.Flags().StringVar(&callback, "wecom-callback", "http://127.0.0.1:8080/callbacks/wecom", "where WeCom's callbacks go")
	cmd.Flags().IntVar(&customers, "customers", 500, "customers in the emulated ERP")
	cmd.Flags().IntVar(&orders, "orders", 3000, "orders in the emulated ERP")
	return cmd
}
