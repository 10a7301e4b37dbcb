package main

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"syscall"
)

// session has the state that lasts as long as this process.
type session struct {
	store  store
	data   *sessions
	folder string
	always bool
	sink   int64
}

type figures map[string]float64

type job func(s *session, r request) figures

var jobs = map[string]job{
	"open": func(s *session, r request) figures {
		begin := time.Now()
		s.store.open(s.folder, s.always)
		if len(r.words) > 1 { // this session must exist
			mustFind(s.store, s.data.key(r.number(1)))
		}
		return figures{"wall_ns": float64(time.Since(begin))}
	},
	"close":    func(s *session, r request) figures { s.store.close(); return nil },
	"resident": func(s *session, r request) figures { return figures{"bytes": resident()} },
	"fill": func(s *session, r request) figures { // FROM TO
		all := s.data.inOrder(r.number(1), r.number(2))
		return timed(func() {
			for _, one := range all {
				s.store.save(one)
			}
		})
	},
	"fill_in_batches": func(s *session, r request) figures { // FROM TO
		from, to := r.number(1), r.number(2)
		for ; from < to; from += 1000 {
			end := from + 1000
			if end > to {
				end = to
			}
			s.store.saveBatch(s.data.inOrder(from, end))
		}
		return nil
	},
	"find": func(s *session, r request) figures { // THREADS COUNT NUMBERS_FILE
		keys := s.data.picked(r.text(3), r.number(2))
		return inParallel(r.number(1), len(keys), func(from, to int) {
			sum := 0
			for _, key := range keys[from:to] {
				sum += mustFind(s.store, key)
			}
			atomic.AddInt64(&s.sink, int64(sum))
		})
	},
	"overwrite": func(s *session, r request) figures { // THREADS COUNT NUMBERS_FILE SEED
		all := s.data.requests(s.data.picked(r.text(3), r.number(2)), r.number(4))
		threads := r.number(1)
		save := s.store.save
		if threads > 1 {
			save = s.store.saveWithOthers
		}
		return inParallel(threads, len(all), func(from, to int) {
			for _, one := range all[from:to] {
				save(one)
			}
		})
	},
	"mix": func(s *session, r request) figures { // THREADS COUNT NUMBERS_FILE SEED
		all := s.data.requests(s.data.picked(r.text(3), r.number(2)), r.number(4))
		return inParallel(r.number(1), len(all), func(from, to int) {
			sum := 0
			for i, one := range all[from:to] {
				if i%10 == 9 {
					s.store.save(one)
				} else {
					sum += s.store.find(one.key)
				}
			}
			atomic.AddInt64(&s.sink, int64(sum))
		})
	},
	"ascend": func(s *session, r request) figures { // READING COUNT NUMBERS_FILE LENGTH
		keys := s.data.picked(r.text(3), r.number(2))
		length, reading := r.number(4), r.number(1) == 1
		return timed(func() {
			for _, key := range keys {
				s.sink += int64(s.store.ascend(key, length, reading))
			}
		})
	},
	"beside_batches": besideBatches,
	"shrink":         shrink,
	"shrink_reader":  func(s *session, r request) figures { return besideShrink(s, r, true) },
	"shrink_writer":  func(s *session, r request) figures { return besideShrink(s, r, false) },
	"index_create": func(s *session, r request) figures { // KIND
		s.store.(*buntStore).createIndex(r.text(1))
		return nil
	},
	"index_fill": func(s *session, r request) figures { // KIND FROM TO
		keys, values := indexed(s, r.text(1), r.number(2), r.number(3))
		for from := 0; from < len(keys); from += 1000 {
			end := from + 1000
			if end > len(keys) {
				end = len(keys)
			}
			s.store.(*buntStore).setAll(keys[from:end], values[from:end])
		}
		return nil
	},
	"index_set": func(s *session, r request) figures { // KIND FROM TO
		keys, values := indexed(s, r.text(1), r.number(2), r.number(3))
		return timed(func() {
			for i := range keys {
				s.store.(*buntStore).set(keys[i], values[i])
			}
		})
	},
	"intersects": func(s *session, r request) figures { // FROM COUNT SIDE
		var areas []string
		for q := 0; q < r.number(2); q++ {
			areas = append(areas, area(r.number(1)+q, r.number(3)))
		}
		return timed(func() {
			for _, one := range areas {
				s.sink += int64(s.store.(*buntStore).intersects(one))
			}
		})
	},
	"nearby": func(s *session, r request) figures { // FROM COUNT NEIGHBORS
		var centers []string
		for q := 0; q < r.number(2); q++ {
			centers = append(centers, point(r.number(1)+q+1<<40))
		}
		return timed(func() {
			for _, one := range centers {
				s.sink += int64(s.store.(*buntStore).nearby(one, r.number(3)))
			}
		})
	},
}

func indexed(s *session, kind string, from, to int) (keys, values []string) {
	for i := from; i < to; i++ {
		keys = append(keys, s.data.key(i))
		if kind == "json" {
			values = append(values, document(s.data, i))
		} else {
			values = append(values, point(i))
		}
	}
	return keys, values
}

func mustFind(s store, key string) int {
	found := s.find(key)
	if found == 0 {
		panic("a session that was saved is not found")
	}
	return found
}

// processCPU is the time of all threads, because the collector's work is part of the cost.
func processCPU() float64 {
	var usage syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return float64(usage.Utime.Nano() + usage.Stime.Nano())
}

func timed(work func()) figures {
	cpu, begin := processCPU(), time.Now()
	work()
	return figures{"wall_ns": float64(time.Since(begin)), "cpu_ns": processCPU() - cpu}
}

func inParallel(threads, count int, work func(from, to int)) figures {
	if threads == 1 {
		return timed(func() { work(0, count) })
	}
	var all sync.WaitGroup
	var failed atomic.Value
	each := count / threads
	took := timed(func() {
		for i := 0; i < threads; i++ {
			all.Add(1)
			go func(i int) {
				defer all.Done()
				defer func() {
					if failure := recover(); failure != nil {
						failed.Store(failure)
					}
				}()
				work(i*each, (i+1)*each)
			}(i)
		}
		all.Wait()
	})
	if failure := failed.Load(); failure != nil {
		panic(failure)
	}
	return took
}

// resident is the memory after the garbage was collected and returned: the least that is needed.
func resident() float64 {
	runtime.GC()
	debug.FreeOSMemory()
	text, err := os.ReadFile("/proc/self/statm")
	check(err)
	pages, err := strconv.ParseFloat(strings.Fields(string(text))[1], 64)
	check(err)
	return pages * float64(os.Getpagesize())
}

func percentile(sorted []uint32, share float64) float64 {
	if len(sorted) == 0 { // a short run without any operations
		return 0
	}
	at := int(math.Ceil(share*float64(len(sorted)))) - 1
	if at < 0 {
		at = 0
	}
	return float64(sorted[at])
}

// latencies calls once() until stop() is true, and returns the duration of each call, sorted.
func latencies(stop func() bool, once func(i int)) []uint32 {
	all := make([]uint32, 0, 1<<20)
	before := time.Now()
	for i := 0; !stop(); i++ {
		once(i)
		after := time.Now()
		took := after.Sub(before)
		if took > math.MaxUint32 {
			took = math.MaxUint32
		}
		all = append(all, uint32(took))
		before = after
	}
	sort.Slice(all, func(a, b int) bool { return all[a] < all[b] })
	return all
}

// besideBatches: MS COUNT KEYS_FILE SAVES SAVES_FILE SEED
func besideBatches(s *session, r request) figures {
	keys := s.data.picked(r.text(3), r.number(2))
	all := s.data.requests(s.data.picked(r.text(5), r.number(4)), r.number(6))
	var stop, saved int64
	var writer sync.WaitGroup
	writer.Add(1)
	go func() {
		defer writer.Done()
		for at := 0; atomic.LoadInt64(&stop) == 0; at = (at + 1000) % len(all) {
			s.store.saveBatch(all[at : at+1000])
			atomic.AddInt64(&saved, 1000)
		}
	}()
	for atomic.LoadInt64(&saved) == 0 {
		runtime.Gosched()
	}
	before, begin := atomic.LoadInt64(&saved), time.Now()
	end := begin.Add(time.Duration(r.number(1)) * time.Millisecond)
	took := latencies(func() bool { return !time.Now().Before(end) },
		func(i int) { s.sink += int64(mustFind(s.store, keys[i%len(keys)])) })
	meanwhile, time := atomic.LoadInt64(&saved)-before, time.Since(begin)
	atomic.StoreInt64(&stop, 1)
	writer.Wait()
	result := figures{"p50": percentile(took, 0.5), "p99": percentile(took, 0.99),
		"p99.9": percentile(took, 0.999), "longest": percentile(took, 1)}
	if meanwhile > 0 {
		result["save_ns"] = float64(time) / float64(meanwhile)
	}
	return result
}

func shrink(s *session, r request) figures {
	return timed(s.store.shrink)
}

// besideShrink: COUNT KEYS_FILE. Returns the longest find or save while a shrink is under way.
func besideShrink(s *session, r request, reading bool) figures {
	keys := s.data.picked(r.text(2), r.number(1))
	all := s.data.requests(keys, 1)
	var over int32
	var shrinking sync.WaitGroup
	shrinking.Add(1)
	begin := time.Now()
	var took time.Duration
	go func() {
		defer shrinking.Done()
		s.store.shrink()
		took = time.Since(begin)
		atomic.StoreInt32(&over, 1)
	}()
	each := latencies(func() bool { return atomic.LoadInt32(&over) == 1 }, func(i int) {
		if reading {
			s.sink += int64(mustFind(s.store, keys[i%len(keys)]))
		} else {
			s.store.save(all[i%len(all)])
		}
	})
	shrinking.Wait()
	return figures{"wall_ns": float64(took), "longest": percentile(each, 1)}
}
