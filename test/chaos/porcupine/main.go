// Command porcupine holds histories of claims against the life of a job with a checker that shares no code with the project.
//
// It reads one JSON document from standard input: a list of histories, each {"jobId", "operations"}; an operation is
// {"kind", "fromMs", "toMs", "happened", "state", "version"}, where toMs is null for one whose end nobody knows.
// It exits with 1 where a history is not linearizable.
package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"time"

	"github.com/anishathalye/porcupine"
)

type operation struct {
	Kind     string   `json:"kind"`
	FromMs   float64  `json:"fromMs"`
	ToMs     *float64 `json:"toMs"`
	Happened string   `json:"happened"`
	State    string   `json:"state"`
	Version  int      `json:"version"`
}

type history struct {
	JobID      string      `json:"jobId"`
	Operations []operation `json:"operations"`
}

type job struct {
	state   string
	version int
}

const timeout = 10 * time.Second

var life = map[string]map[string]string{
	"QUEUED":  {"claim": "CLAIMED", "cancel": "CANCELED"},
	"CLAIMED": {"release": "QUEUED", "start": "STARTED", "cancel": "CANCELED"},
	"STARTED": {"complete": "COMPLETED"},
}

// What nobody was told of may have been done or not, so a state is followed by all that it may have become.
var model = porcupine.NondeterministicModel{
	Init: func() []any { return []any{job{"QUEUED", 1}} },
	Step: func(state, input, _ any) []any {
		return step(state.(job), input.(operation))
	},
	Equal: func(a, b any) bool { return a == b },
}

func step(now job, did operation) []any {
	next, possible := life[now.state][did.Kind]
	done := job{next, now.version + 1}
	switch did.Happened {
	case "told":
		if did.State == now.state && did.Version == now.version {
			return []any{now}
		}
	case "refused":
		if did.State == now.state && !possible {
			return []any{now}
		}
	case "done":
		if possible {
			return []any{done}
		}
	case "maybe":
		if possible {
			return []any{now, done}
		}
		return []any{now}
	}
	return nil
}

func main() {
	var histories []history
	if err := json.NewDecoder(os.Stdin).Decode(&histories); err != nil {
		fmt.Fprintln(os.Stderr, "porcupine:", err)
		os.Exit(2)
	}
	checker := model.ToModel()
	broken, undecided := 0, 0
	for _, one := range histories {
		operations := make([]porcupine.Operation, len(one.Operations))
		for client, did := range one.Operations {
			operations[client] = porcupine.Operation{ClientId: client, Input: did, Call: nanoseconds(did.FromMs), Return: end(did)}
		}
		switch porcupine.CheckOperationsTimeout(checker, operations, timeout) {
		case porcupine.Illegal:
			broken++
			fmt.Println("not linearizable: job", one.JobID)
		case porcupine.Unknown:
			undecided++
			fmt.Println("not decided in time: job", one.JobID)
		}
	}
	fmt.Printf("%d histories, %d not linearizable, %d not decided in time\n", len(histories), broken, undecided)
	if broken+undecided > 0 {
		os.Exit(1)
	}
}

func end(did operation) int64 {
	if did.ToMs == nil {
		return math.MaxInt64
	}
	return nanoseconds(*did.ToMs)
}

func nanoseconds(ms float64) int64 { return int64(ms * 1e6) }
