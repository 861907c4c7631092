module alisio/engine/karpenter

go 1.26

// For its pkg/apis/crds only. v1.15 wants a newer Go.
require sigs.k8s.io/karpenter v1.8.0
