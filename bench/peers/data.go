package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"strings"
	"time"
)

const (
	tokenSize   = 43
	payloadSize = 200
)

// sessions has the data that bench/harness/session_data.hpp makes, read from its file, so that all
// stores get the same.
type sessions struct {
	pool   string
	tokens []byte
}

func readSessions(file string) *sessions {
	bytes, err := os.ReadFile(file)
	if err != nil {
		fmt.Fprintln(os.Stderr, "go_peers:", err)
		os.Exit(1)
	}
	size := binary.LittleEndian.Uint64(bytes)
	return &sessions{pool: string(bytes[8 : 8+size]), tokens: bytes[8+size:]}
}

func (s *sessions) key(i int) string {
	return string(s.tokens[i*tokenSize : (i+1)*tokenSize])
}

func (s *sessions) payload(number int) string {
	at := number * 31 % (len(s.pool) - payloadSize)
	return strings.Clone(s.pool[at : at+payloadSize])
}

func ttlOf(number int) time.Duration {
	return time.Hour + time.Duration(number*7919%(23*3600))*time.Second
}

// save is a session that a store must keep.
type save struct {
	key, value string
	ttl        time.Duration
}

// inOrder returns the sessions with the numbers from, …, to-1, in the order of their first save.
func (s *sessions) inOrder(from, to int) []save {
	all := make([]save, 0, to-from)
	for i := from; i < to; i++ {
		all = append(all, save{s.key(i), s.payload(i), ttlOf(i)})
	}
	return all
}

// picked returns the keys whose numbers are in the file, at most count of them.
func (s *sessions) picked(file string, count int) []string {
	bytes, err := os.ReadFile(file)
	if err != nil {
		panic(err)
	}
	keys := make([]string, 0, count)
	for i := 0; i < count; i++ {
		keys = append(keys, s.key(int(binary.LittleEndian.Uint32(bytes[i*4:]))))
	}
	return keys
}

// requests does what requests_for() does in C++.
func (s *sessions) requests(keys []string, seed int) []save {
	all := make([]save, 0, len(keys))
	for i, key := range keys {
		number := seed*104729 + i
		all = append(all, save{key, s.payload(number), ttlOf(number)})
	}
	return all
}

// mixed is one step of splitmix64, as in bench/workloads/index_data.hpp.
func mixed(i uint64) uint64 {
	z := (i + 1) * 0x9e3779b97f4a7c15
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb
	return z ^ (z >> 31)
}

func document(s *sessions, i int) string {
	return fmt.Sprintf(`{"age":%d,"name":"%s"}`, mixed(uint64(i))%1000000, s.payload(i)[:150])
}

func point(i int) string {
	h := mixed(uint64(i))
	return fmt.Sprintf("[%d %d]", h%1000000, (h>>32)%1000000)
}

func area(q, side int) string {
	h := mixed(uint64(q) + 1<<40)
	x, y := int(h%1000000), int((h>>32)%1000000)
	return fmt.Sprintf("[%d %d],[%d %d]", x, y, x+side, y+side)
}
