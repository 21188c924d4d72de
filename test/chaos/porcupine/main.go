// Command porcupine holds histories against the life of a job or a transfer with a checker that shares no code with the project.
//
// It reads one JSON document from standard input: a list of histories, each {"of", "id", "operations"}, where "of" names the life;
// an operation is {"kind", "fromMs", "toMs", "happened", "state", "version"}, where toMs is null for one whose end nobody knows.
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
	Of         string      `json:"of"`
	ID         string      `json:"id"`
	Operations []operation `json:"operations"`
}

type stand struct {
	state   string
	version int
}

type life struct {
	begins stand
	pairs  map[string]map[string]string
}

const timeout = 10 * time.Second

var lives = map[string]life{
	"job": {stand{"QUEUED", 1}, map[string]map[string]string{
		"QUEUED":  {"claim": "CLAIMED", "cancel": "CANCELED"},
		"CLAIMED": {"release": "QUEUED", "start": "STARTED", "cancel": "CANCELED"},
		"STARTED": {"complete": "COMPLETED"},
	}},
	"transfer": {stand{"none", 0}, map[string]map[string]string{
		"none":     {"propose": "proposed"},
		"proposed": {"accept": "accepted", "reject": "rejected", "cancel": "canceled", "expire": "expired"},
		"accepted": {"complete": "completed", "expire": "expired", "void": "voided"},
	}},
}

// What nobody was told of may have been done or not, so a state is followed by all that it may have become.
func (of life) model() porcupine.Model {
	model := porcupine.NondeterministicModel{
		Init:  func() []any { return []any{of.begins} },
		Step:  func(state, input, _ any) []any { return of.step(state.(stand), input.(operation)) },
		Equal: func(a, b any) bool { return a == b },
	}
	return model.ToModel()
}

func (of life) step(now stand, did operation) []any {
	next, possible := of.pairs[now.state][did.Kind]
	done := stand{next, now.version + 1}
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
	broken, undecided := 0, 0
	for _, one := range histories {
		of, known := lives[one.Of]
		if !known {
			fmt.Fprintln(os.Stderr, "porcupine: the life of", one.Of, "is not known")
			os.Exit(2)
		}
		operations := make([]porcupine.Operation, len(one.Operations))
		for client, did := range one.Operations {
			operations[client] = porcupine.Operation{ClientId: client, Input: did, Call: nanoseconds(did.FromMs), Return: end(did)}
		}
		switch porcupine.CheckOperationsTimeout(of.model(), operations, timeout) {
		case porcupine.Illegal:
			broken++
			fmt.Println("not linearizable:", one.Of, one.ID)
		case porcupine.Unknown:
			undecided++
			fmt.Println("not decided in time:", one.Of, one.ID)
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
