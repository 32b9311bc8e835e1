// leaky.go: holds 1000 more objects of 512 bytes after each step.
package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
)

var sessions [][]byte

//go:noinline
func openSession() {
	sessions = append(sessions, make([]byte, 512))
}

func main() {
	runtime.MemProfileRate = 1
	sessions = make([][]byte, 0, 5000)
	fmt.Println("snapshot\tsite\tbytes\tcount")
	for k := 0; k < 4; k++ {
		for i := 0; i < 1000; i++ {
			openSession()
		}
		runtime.GC()
		runtime.GC()
		for debug, suffix := range []string{"pb.gz", "txt"} {
			f, _ := os.Create(fmt.Sprintf("heap.%d.%s", k, suffix))
			pprof.Lookup("heap").WriteTo(f, debug)
			f.Close()
		}
		fmt.Printf("%d\topenSession\t%d\t%d\n", k, len(sessions)*512, len(sessions))
	}
}
