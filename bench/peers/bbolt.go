package main

import (
	"encoding/binary"
	"path/filepath"
	"time"
	"unsafe"

	"go.etcd.io/bbolt"
)

var bucketName = []byte("sessions")

// boltStore is bbolt as etcd configures it (the free list is not synced, and is kept as a map), with
// NoSync unless more is requested, and with a map so large that it need never be moved while there are
// readers. The expiry precedes the value.
type boltStore struct {
	db *bbolt.DB
}

func (b *boltStore) open(folder string, always bool) {
	var err error
	b.db, err = bbolt.Open(filepath.Join(folder, "bbolt.db"), 0600, &bbolt.Options{
		NoSync: !always, NoGrowSync: !always, NoFreelistSync: true,
		FreelistType: bbolt.FreelistMapType, InitialMmapSize: 8 << 30})
	check(err)
	check(b.db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucketIfNotExists(bucketName)
		return err
	}))
}

func (b *boltStore) close() { check(b.db.Close()) }

// bytesOf makes no copy: bbolt copies keys itself and does not write to them.
func bytesOf(text string) []byte {
	return unsafe.Slice(*(**byte)(unsafe.Pointer(&text)), len(text))
}

func encode(one save, now int64) []byte {
	stored := make([]byte, 8+len(one.value))
	binary.LittleEndian.PutUint64(stored, uint64(now+int64(one.ttl)))
	copy(stored[8:], one.value)
	return stored
}

func live(stored []byte, now int64) bool {
	return int64(binary.LittleEndian.Uint64(stored)) > now
}

func (b *boltStore) find(key string) (first int) {
	check(b.db.View(func(tx *bbolt.Tx) error {
		stored := tx.Bucket(bucketName).Get(bytesOf(key))
		if stored != nil && live(stored, time.Now().UnixNano()) {
			first = int(stored[8])
		}
		return nil
	}))
	return first
}

func (b *boltStore) save(one save) { b.saveBatch([]save{one}) }

func (b *boltStore) saveWithOthers(one save) {
	check(b.db.Batch(func(tx *bbolt.Tx) error {
		return tx.Bucket(bucketName).Put(bytesOf(one.key), encode(one, time.Now().UnixNano()))
	}))
}

func (b *boltStore) saveBatch(all []save) {
	now := time.Now().UnixNano()
	check(b.db.Update(func(tx *bbolt.Tx) error {
		bucket := tx.Bucket(bucketName)
		for _, one := range all {
			if err := bucket.Put(bytesOf(one.key), encode(one, now)); err != nil {
				return err
			}
		}
		return nil
	}))
}

func (b *boltStore) ascend(from string, count int, reading bool) (sum int) {
	check(b.db.View(func(tx *bbolt.Tx) error {
		now := time.Now().UnixNano()
		at := tx.Bucket(bucketName).Cursor()
		for key, stored := at.Seek(bytesOf(from)); key != nil && count > 0; key, stored = at.Next() {
			if !live(stored, now) {
				continue
			}
			if reading {
				sum += int(stored[8])
			} else {
				sum += len(stored) - 8
			}
			count--
		}
		return nil
	}))
	return sum
}

func (b *boltStore) shrink() { panic("bbolt compacts into another file only") }
