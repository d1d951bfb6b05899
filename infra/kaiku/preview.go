package main

import (
	"fmt"
	"time"

	"kaiku/infra/preview"
	"kaiku/shared/policyfile"
)

type previewCmd struct {
	Policy string `help:"The policy file, whose company name, colour and texts.yaml beside it are shown. Default: the built-in policy." placeholder:"FILE"`
	Out    string `help:"The folder to write to; what an earlier preview wrote there is written over." default:"preview" placeholder:"FOLDER"`
}

// Help is the long help of the command.
func (previewCmd) Help() string {
	return `Writes every mail (kind, change point, language, reminder; as HTML and as text), the monthly digest with
invented figures, and every page in each of its states to a folder, made by what makes the real ones. Open index.html there by a
double-click: it shows them side by side, light or dark, narrow or wide, in one language or all.
(Dark needs Chrome, Edge or Firefox; in another browser, set the system to dark.)

How your own words look before anyone gets them, from the root of the repository:

    mkdir ours && cp infra/policy.yaml infra/texts.yaml ours/
    $EDITOR ours/texts.yaml ours/policy.yaml
    go run ./infra/kaiku preview --policy ours/policy.yaml --out ours/preview

The last section has names of companies that are long, or have letters that break what is careless.
Links and buttons lead nowhere. Nothing is mailed and nothing is stored.`
}

func (c *previewCmd) Run() error {
	p, err := policyfile.Load(c.Policy)
	if err != nil {
		return err
	}
	texts, err := policyfile.LoadTexts(c.Policy)
	if err != nil {
		return err
	}
	index, err := preview.Write(c.Out, preview.Look{Company: p.Company.Name, Colour: p.Company.Colour, Texts: texts,
		HideUnder: p.Results.HideUnder, ReviseDays: int(p.Answering.ReviseFor.Std() / (24 * time.Hour))})
	if err != nil {
		return err
	}
	fmt.Println("open", index)
	return nil
}
