// Generate writes a customer file of any size to rehearse with:
//
//	go run ./infra/rehearse/generate -customers 1000000 > customers.csv
package main

import (
	"flag"
	"fmt"
	"os"

	"kaiku/infra/rehearse"
	"kaiku/shared/survey"
)

func main() {
	customers := flag.Int("customers", 1_000_000, "how many customers")
	seed := flag.Uint64("seed", 1, "another number gives another file")
	today := flag.String("today", "2026-11-22", "the day whose state the file is, YYYY-MM-DD")
	flag.Parse()
	day, err := survey.ParseDate(*today)
	if err == nil {
		err = rehearse.Generate(os.Stdout, *customers, *seed, day)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}
