// Package events holds the sample events, for the local run's buttons.
package events

import "embed"

// Webhook holds webhook/*.json: one body of POST /webhooks/contracts each.
//
//go:embed webhook/*.json
var Webhook embed.FS
