// Generate writes a customer file of any size to rehearse with:
//
//	go run ./infra/rehearse/generate -customers 1000000 customers.csv
//	go run ./infra/rehearse/generate -customers 1000000 customers.jsonl
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"

	"kaiku/infra/rehearse"
	"kaiku/shared/survey"
)

func main() {
	customers := flag.Int("customers", 1_000_000, "how many customers")
	seed := flag.Uint64("seed", 1, "another number gives other customers")
	today := flag.String("today", "2026-11-22", "the day whose state the file is, YYYY-MM-DD")
	flag.Parse()
	if err := generate(flag.Arg(0), *customers, *seed, *today); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func generate(name string, customers int, seed uint64, today string) error {
	if name == "" {
		return errors.New("name the file to write: JSON Lines if it ends in .jsonl, else CSV")
	}
	day, err := survey.ParseDate(today)
	if err != nil {
		return fmt.Errorf("-today: %w", err)
	}
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(rehearse.Generate(file, name, customers, seed, day), file.Close())
}
