// Sessions as Go's SCS v2 writes and reads them, for tests of scs::gob_codec. Reads one session a line
// from its standard input, or none for `write`, and writes one a line:
//
//	write            its own sessions: a name, the payload in base64, its description
//	read             payloads in base64: the description of each
//	write_json, read_json   the same, with the codec of json_codec.go
//
// With a second argument, other types are encoded first, so that the numbers of types differ.
package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/gob"
	"fmt"
	"math"
	"os"
	"reflect"
	"sort"
	"strings"
	"time"
)

// GobCodec encodes as the codec with this name of SCS v2 does.
type GobCodec struct{}

func (GobCodec) Encode(deadline time.Time, values map[string]interface{}) ([]byte, error) {
	session := &struct {
		Deadline time.Time
		Values   map[string]interface{}
	}{deadline, values}
	var out bytes.Buffer
	err := gob.NewEncoder(&out).Encode(&session)
	return out.Bytes(), err
}

func (GobCodec) Decode(b []byte) (time.Time, map[string]interface{}, error) {
	session := &struct {
		Deadline time.Time
		Values   map[string]interface{}
	}{}
	err := gob.NewDecoder(bytes.NewReader(b)).Decode(&session)
	return session.Deadline, session.Values, err
}

type codec interface {
	Encode(deadline time.Time, values map[string]interface{}) ([]byte, error)
	Decode([]byte) (deadline time.Time, values map[string]interface{}, err error)
}

type Address struct{ Street, Town string }
type User struct {
	ID      int
	Name    string
	Home    *Address
	Scores  []float64
	Tags    map[string]int
	Since   time.Time
	Next    *User
	Size    int8
	Any     interface{}
	Digest  [4]byte
	Balance uint64
}
type Level int
type Color string

// describe returns a value's type and all of its parts. Maps are sorted, and pointers are followed.
func describe(v reflect.Value) string {
	if !v.IsValid() {
		return "nil"
	}
	if moment, ok := v.Interface().(time.Time); ok {
		return "time.Time " + moment.Format(time.RFC3339Nano)
	}
	var parts []string
	switch v.Kind() {
	case reflect.Interface:
		return describe(v.Elem())
	case reflect.Ptr:
		if v.IsNil() {
			return "nil"
		}
		return "&" + describe(v.Elem())
	case reflect.Map:
		for _, key := range v.MapKeys() {
			parts = append(parts, describe(key)+": "+describe(v.MapIndex(key)))
		}
		sort.Strings(parts)
	case reflect.Slice, reflect.Array:
		for i := 0; i < v.Len(); i++ {
			parts = append(parts, describe(v.Index(i)))
		}
	case reflect.Struct:
		for i := 0; i < v.NumField(); i++ {
			parts = append(parts, v.Type().Field(i).Name+": "+describe(v.Field(i)))
		}
	case reflect.String:
		return fmt.Sprintf("%s %q", v.Type(), v.String())
	default:
		return fmt.Sprintf("%s %v", v.Type(), v.Interface())
	}
	return v.Type().String() + "{" + strings.Join(parts, ", ") + "}"
}

func describeSession(deadline time.Time, values map[string]interface{}) string {
	return deadline.Format(time.RFC3339Nano) + " " + describe(reflect.ValueOf(values))
}

func sessions() map[string]map[string]interface{} {
	zone := time.FixedZone("", 5*3600+1800)
	user := &User{ID: 7, Name: "Zoë", Home: &Address{"1 Main St", "Bree"}, Scores: []float64{1.5},
		Tags: map[string]int{"a": 1, "b": -2}, Since: time.Unix(1e9, 0).UTC(), Next: &User{Name: "next"},
		Any: []interface{}{"x", nil, Level(2)}, Digest: [4]byte{1, 2, 3, 255}, Balance: math.MaxUint64}
	return map[string]map[string]interface{}{
		"empty": {},
		"basic": {"bool": true, "false": false, "string": "héllo\x00<&>", "int": 42, "int8": int8(-128),
			"int16": int16(300), "int32": int32(-70000), "int64": int64(math.MinInt64), "uint": uint(7),
			"uint8": uint8(200), "uint16": uint16(65535), "uint32": uint32(1 << 31),
			"uint64": uint64(math.MaxUint64), "uintptr": uintptr(9), "float32": float32(0.1),
			"float64": 0.1, "whole": 2.0, "complex64": complex64(1 + 2i), "complex128": 0.1 + 3i,
			"bytes": []byte{0, 255}, "nothing": nil, "infinite": math.Inf(-1), "binary": "a\xff\xfe"},
		"slices": {"strings": []string{"a", ""}, "ints": []int{1, -1}, "bools": []bool{true, false},
			"floats": []float32{0.1, 2}, "uints": []uint16{1, 65535}, "none": []string{},
			"complexes": []complex64{1i}, "int8s": []int8{-1}, "pointers": []uintptr{1}},
		"registered": {"time": time.Unix(1709210096, 789012345).UTC(), "zoned": time.Unix(1e9, 0).In(zone),
			"zero": time.Time{}, "duration": 90 * time.Second, "level": Level(3), "color": Color("red"),
			"map":  map[string]interface{}{"a": 1, "b": []interface{}{nil, "x", map[string]string{"k": "v"}}},
			"user": user, "value": *user.Home, "counts": map[int]string{-1: "x", 2: "y"},
			"list": []interface{}{int8(1), 2.5, []string{"deep"}}},
	}
}

func register() {
	for _, each := range []interface{}{time.Time{}, time.Duration(0), Level(0), Color(""), &User{}, Address{},
		map[string]interface{}{}, map[string]string{}, map[string]int{}, map[int]string{}, []interface{}{}} {
		gob.Register(each)
	}
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write(by codec) {
	deadline := time.Unix(1767323045, 678901234).UTC()
	for name, values := range sessions() {
		payload, err := by.Encode(deadline, values)
		if err != nil && name == "basic" { // JSON has neither infinities nor complex numbers
			for _, key := range []string{"infinite", "complex64", "complex128"} {
				delete(values, key)
			}
			payload, err = by.Encode(deadline, values)
		}
		if err != nil && name != "empty" {
			continue // and no maps with integer keys, and the like
		}
		fail(err)
		fmt.Printf("%s\t%s\t%s\n", name, base64.StdEncoding.EncodeToString(payload), describeSession(deadline, values))
	}
}

func read(by codec) {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		payload, err := base64.StdEncoding.DecodeString(lines.Text())
		fail(err)
		deadline, values, err := by.Decode(payload)
		if err != nil {
			fmt.Println("error:", err)
			continue
		}
		fmt.Println(describeSession(deadline.UTC(), values))
	}
	fail(lines.Err())
}

func main() {
	if len(os.Args) > 2 {
		type other struct{ A []uint32 }
		fail(gob.NewEncoder(&bytes.Buffer{}).Encode(map[int]other{1: {}}))
	}
	register()
	switch os.Args[1] {
	case "write":
		write(GobCodec{})
	case "read":
		read(GobCodec{})
	case "write_json":
		write(JSONCodec{})
	case "read_json":
		read(JSONCodec{})
	}
}
