// The Go runtime of the benchmarks: AWS's own runtime client around a function that costs nothing, so
// that what is measured is the daemon in front of it.
package main

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"runtime"

	"github.com/aws/aws-lambda-go/lambda"
)

// echo returns the event's bytes as they are: no JSON is read or written.
type echo struct{}

func (echo) Invoke(_ context.Context, event []byte) ([]byte, error) { return event, nil }

// pattern yields the bytes 0, 1, … 255, 0, 1, … up to a number of bytes.
type pattern struct{ offset, end int64 }

func (p *pattern) Read(into []byte) (int, error) {
	if p.offset >= p.end {
		return 0, io.EOF
	}
	n := int64(len(into))
	if n > p.end-p.offset {
		n = p.end - p.offset
	}
	for i := int64(0); i < n; i++ {
		into[i] = byte(p.offset + i)
	}
	p.offset += n
	return int(n), nil
}

func stream(_ context.Context, event struct {
	Bytes int64 `json:"bytes"`
}) (io.Reader, error) {
	return &pattern{end: event.Bytes}, nil
}

// raw is the echo as most functions are written: the event is checked and the result written as JSON.
func raw(_ context.Context, event json.RawMessage) (json.RawMessage, error) { return event, nil }

func main() {
	// Many of these share the machine with the daemon: threads that spin for work would take its time.
	runtime.GOMAXPROCS(1)
	kind := "echo"
	if len(os.Args) > 1 {
		kind = os.Args[1]
	}
	switch kind {
	case "stream":
		lambda.Start(stream)
	case "json":
		lambda.Start(raw)
	default:
		lambda.Start(echo{})
	}
}
