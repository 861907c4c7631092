// Pulumi's provider for Kubernetes, as a program.
//
// Its own main embeds two generated files (the schema and Terraform's mapping) that are no part of the Go module.
// Programs in Python never ask for either: the SDK brings the types.
package main

import "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"

// Set by the linker.
var version = "0.0.0"

func main() {
	provider.Serve("kubernetes", version, []byte("{}"), []byte("{}"))
}
