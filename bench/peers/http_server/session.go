package main

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/tidwall/buntdb"
)

// Debian has no package of SCS. This stand-in does the least that SCS v0.1.1 with its buntstore does
// for a request with a session. It has no idle timeout, no flash messages, and no renewal of tokens.

const (
	cookieName = "session"
	tokenBytes = 32
	tokenSize  = 43 // in base64 without padding
)

// payload is what the store keeps, as JSON. Deadline is in nanoseconds since 1970.
type payload struct {
	Data     map[string]interface{} `json:"data"`
	Deadline int64                  `json:"deadline"`
}

// session belongs to one request.
type session struct {
	token    string // empty: not stored yet
	content  payload
	modified bool
}

func (s *session) put(key string, value interface{}) {
	s.content.Data[key] = value
	s.modified = true
}

// text returns the empty string if there is none.
func (s *session) text(key string) string {
	value, _ := s.content.Data[key].(string)
	return value
}

// manager may be used by any number of goroutines.
type manager struct {
	db       *buntdb.DB
	lifetime time.Duration
}

func (m *manager) fresh() *session {
	return &session{content: payload{
		Data: map[string]interface{}{}, Deadline: time.Now().Add(m.lifetime).UnixNano()}}
}

// load returns a new session if the request has none that is stored.
func (m *manager) load(r *http.Request) (*session, error) {
	cookie, err := r.Cookie(cookieName)
	if err != nil || len(cookie.Value) != tokenSize {
		return m.fresh(), nil
	}
	var stored string
	err = m.db.View(func(tx *buntdb.Tx) error {
		var err error
		stored, err = tx.Get(cookie.Value)
		return err
	})
	if err == buntdb.ErrNotFound {
		return m.fresh(), nil
	}
	if err != nil {
		return nil, err
	}
	loaded := &session{token: cookie.Value}
	if err := json.Unmarshal([]byte(stored), &loaded.content); err != nil {
		return nil, err
	}
	if loaded.content.Deadline <= time.Now().UnixNano() {
		return m.fresh(), nil
	}
	return loaded, nil
}

func newToken() (string, error) {
	var random [tokenBytes]byte
	if _, err := rand.Read(random[:]); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(random[:]), nil
}

// commit stores a session that was modified, and sends its cookie.
func (m *manager) commit(w http.ResponseWriter, s *session) error {
	if s.token == "" {
		var err error
		if s.token, err = newToken(); err != nil {
			return err
		}
	}
	text, err := json.Marshal(&s.content)
	if err != nil {
		return err
	}
	deadline := time.Unix(0, s.content.Deadline)
	err = m.db.Update(func(tx *buntdb.Tx) error {
		_, _, err := tx.Set(s.token, string(text),
			&buntdb.SetOptions{Expires: true, TTL: time.Until(deadline)})
		return err
	})
	if err != nil {
		return err
	}
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: s.token, Path: "/", HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Expires: deadline,
		MaxAge: int(time.Until(deadline).Seconds())})
	return nil
}

// with makes a handler from a function that returns the body of the answer.
func (m *manager) with(call func(*session) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s, err := m.load(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		body := call(s)
		w.Header().Set("Vary", "Cookie")
		if s.modified {
			if err := m.commit(w, s); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
		}
		w.Header().Set("Content-Type", "text/plain")
		io.WriteString(w, body)
	}
}
