package main

import (
	"bytes"
	"encoding/json"
	"time"
)

// JSONCodec writes and reads sessions as scs::json_codec does.
type JSONCodec struct{}

type jsonSession struct {
	Data     map[string]interface{} `json:"data"`
	Deadline int64                  `json:"deadline"`
}

func (JSONCodec) Encode(deadline time.Time, values map[string]interface{}) ([]byte, error) {
	return json.Marshal(jsonSession{values, deadline.UnixNano()})
}

func (JSONCodec) Decode(b []byte) (time.Time, map[string]interface{}, error) {
	var session jsonSession
	decoder := json.NewDecoder(bytes.NewReader(b))
	decoder.UseNumber() // a float64 would round integers beyond 2^53
	err := decoder.Decode(&session)
	return time.Unix(0, session.Deadline).UTC(), session.Data, err
}
