package main

// store is a store that is measured. Each call of find, save and saveBatch is a separate
// transaction.
type store interface {
	open(folder string, always bool)
	close()
	find(key string) int // the first byte of the value, 0 if there is none
	save(one save)
	// saveWithOthers is save while other goroutines save concurrently and wait for the disk.
	saveWithOthers(one save)
	saveBatch(all []save)
	// ascend returns the sum of the sizes, or of the first bytes, of count values.
	ascend(from string, count int, reading bool) int
	shrink()
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
