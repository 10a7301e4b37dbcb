package main

// store is one that is measured. Each call of find, save and saveBatch is a transaction of its own.
type store interface {
	open(folder string, always bool)
	close()
	find(key string) int // the first byte of the value, 0 if there is none
	save(one save)
	// saveWithOthers is save, where other goroutines save at the same time and wait for the disk.
	saveWithOthers(one save)
	saveBatch(all []save)
	// ascend sums up the sizes of so many values, or their first bytes.
	ascend(from string, count int, reading bool) int
	shrink()
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
