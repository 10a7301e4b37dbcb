// go_peers runs stores written in Go. The benchmark controls it line by line, and decides when each
// store is measured; what a line requests is done and timed here.
//
//	go_peers STORE FOLDER SESSIONS_FILE every_second|always
//
// A request is a word and its arguments; the answer is "NAME VALUE" lines and then "done", or
// "error TEXT". What a request needs (keys and values as separate strings) is prepared before its time
// begins, as in C++.
package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
)

type request struct {
	words []string
}

func (r request) text(i int) string {
	if i >= len(r.words) {
		panic(fmt.Sprintf("argument %d is missing", i))
	}
	return r.words[i]
}

func (r request) number(i int) int {
	n, err := strconv.Atoi(r.text(i))
	if err != nil {
		panic(err)
	}
	return n
}

func answer(out *bufio.Writer, s *session, line string) {
	defer out.Flush()
	defer func() {
		if failure := recover(); failure != nil {
			fmt.Fprintf(out, "error %v\n", failure)
		}
	}()
	words := strings.Fields(line)
	job, known := jobs[words[0]]
	if !known {
		panic("unknown request " + words[0])
	}
	for name, value := range job(s, request{words}) {
		fmt.Fprintf(out, "%s %.17g\n", name, value)
	}
	fmt.Fprintln(out, "done")
}

func main() {
	if len(os.Args) != 5 {
		fmt.Fprintln(os.Stderr, "usage: go_peers STORE FOLDER SESSIONS_FILE every_second|always")
		os.Exit(2)
	}
	s := &session{data: readSessions(os.Args[3]), folder: os.Args[2], always: os.Args[4] == "always"}
	switch os.Args[1] {
	case "buntdb":
		s.store = &buntStore{}
	case "bbolt":
		s.store = &boltStore{}
	default:
		fmt.Fprintln(os.Stderr, "go_peers: no store "+os.Args[1])
		os.Exit(2)
	}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 1<<16), 1<<16)
	out := bufio.NewWriter(os.Stdout)
	for in.Scan() {
		answer(out, s, in.Text())
	}
}
