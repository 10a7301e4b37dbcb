package main

import (
	"path/filepath"

	"github.com/tidwall/buntdb"
)

// buntStore is BuntDB with its defaults: EverySecond, automatic shrinking.
type buntStore struct {
	db *buntdb.DB
}

func (b *buntStore) open(folder string, always bool) {
	var err error
	b.db, err = buntdb.Open(filepath.Join(folder, "go-buntdb.db"))
	check(err)
	if always {
		var config buntdb.Config
		check(b.db.ReadConfig(&config))
		config.SyncPolicy = buntdb.Always
		check(b.db.SetConfig(config))
	}
}

func (b *buntStore) close() { check(b.db.Close()) }

func (b *buntStore) find(key string) (first int) {
	err := b.db.View(func(tx *buntdb.Tx) error {
		value, err := tx.Get(key)
		if err == nil {
			first = int(value[0])
		}
		return err
	})
	if err != buntdb.ErrNotFound {
		check(err)
	}
	return first
}

func (b *buntStore) saveBatch(all []save) {
	check(b.db.Update(func(tx *buntdb.Tx) error {
		for _, one := range all {
			if _, _, err := tx.Set(one.key, one.value, &buntdb.SetOptions{Expires: true, TTL: one.ttl}); err != nil {
				return err
			}
		}
		return nil
	}))
}

func (b *buntStore) save(one save) {
	check(b.db.Update(func(tx *buntdb.Tx) error {
		_, _, err := tx.Set(one.key, one.value, &buntdb.SetOptions{Expires: true, TTL: one.ttl})
		return err
	}))
}

func (b *buntStore) saveWithOthers(one save) { b.save(one) }

func (b *buntStore) ascend(from string, count int, reading bool) (sum int) {
	check(b.db.View(func(tx *buntdb.Tx) error {
		left := count
		return tx.AscendGreaterOrEqual("", from, func(key, value string) bool {
			if reading {
				sum += int(value[0])
			} else {
				sum += len(value)
			}
			left--
			return left > 0
		})
	}))
	return sum
}

func (b *buntStore) shrink() { check(b.db.Shrink()) }

func (b *buntStore) createIndex(kind string) {
	if kind == "json" {
		check(b.db.CreateIndex("ages", "*", buntdb.IndexJSON("age")))
	} else {
		check(b.db.CreateSpatialIndex("map", "*", buntdb.IndexRect))
	}
}

func (b *buntStore) set(key, value string) {
	check(b.db.Update(func(tx *buntdb.Tx) error {
		_, _, err := tx.Set(key, value, nil)
		return err
	}))
}

func (b *buntStore) setAll(keys, values []string) {
	check(b.db.Update(func(tx *buntdb.Tx) error {
		for i := range keys {
			if _, _, err := tx.Set(keys[i], values[i], nil); err != nil {
				return err
			}
		}
		return nil
	}))
}

func (b *buntStore) intersects(area string) (found int) {
	check(b.db.View(func(tx *buntdb.Tx) error {
		return tx.Intersects("map", area, func(key, value string) bool {
			found++
			return true
		})
	}))
	return found
}

func (b *buntStore) nearby(center string, count int) (found int) {
	check(b.db.View(func(tx *buntdb.Tx) error {
		return tx.Nearby("map", center, func(key, value string, distance float64) bool {
			found++
			return found < count
		})
	}))
	return found
}
