// go_http_server is the quickstart's server in Go, for bench/http: net/http with a stand-in for SCS
// (session.go) on BuntDB. It listens on 127.0.0.1 until it is killed.
//
//	go_http_server --port N --file FILE [--sync every_second|never|always]
package main

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/tidwall/buntdb"
)

const message = "Hello world!"

func open(file, policy string) (*buntdb.DB, error) {
	policies := map[string]buntdb.SyncPolicy{
		"every_second": buntdb.EverySecond, "never": buntdb.Never, "always": buntdb.Always}
	chosen, known := policies[policy]
	if !known {
		return nil, fmt.Errorf("no sync policy %q", policy)
	}
	db, err := buntdb.Open(file)
	if err != nil {
		return nil, err
	}
	var config buntdb.Config
	if err := db.ReadConfig(&config); err != nil {
		return nil, err
	}
	config.SyncPolicy = chosen
	return db, db.SetConfig(config)
}

func run() error {
	port := flag.Int("port", 0, "listen on 127.0.0.1:PORT")
	file := flag.String("file", "", "keep the sessions in this file")
	policy := flag.String("sync", "every_second", "every_second, never or always")
	flag.Parse()
	db, err := open(*file, *policy)
	if err != nil {
		return err
	}
	defer db.Close()
	sessions := &manager{db: db, lifetime: 24 * time.Hour}
	routes := http.NewServeMux()
	routes.HandleFunc("/put", sessions.with(func(s *session) string {
		s.put("message", message)
		return ""
	}))
	routes.HandleFunc("/get", sessions.with(func(s *session) string {
		return s.text("message")
	}))
	return http.ListenAndServe(fmt.Sprintf("127.0.0.1:%d", *port), routes)
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "go_http_server:", err)
		os.Exit(1)
	}
}
