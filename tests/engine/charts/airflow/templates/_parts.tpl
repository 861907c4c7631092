{{- /* A part: dict "root" $, "component", "values" (of the part), "labels" (more of the pod's, a dict) */}}
{{- define "part.selector" -}}
tier: airflow
component: {{ .component }}
release: {{ .root.Release.Name }}
{{- range $key, $value := .labels }}
{{ $key }}: {{ $value }}
{{- end }}
{{- end }}

{{- define "part.metadata" -}}
labels:
  tier: airflow
  component: {{ .component }}
  release: {{ .root.Release.Name }}
  chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
  heritage: {{ .root.Release.Service }}
  {{- with .root.Values.labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{- define "part.pod" -}}
metadata:
  labels:
    {{- include "part.selector" . | nindent 4 }}
    {{- with .root.Values.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    checksum/airflow-config: {{ toJson .root.Values.config | sha256sum }}
    {{- with .root.Values.airflowPodAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
    {{- with .annotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ .values.serviceAccount.name }}
  nodeSelector:
    {{- toYaml (default .root.Values.nodeSelector .values.nodeSelector) | nindent 4 }}
  {{- with .values.terminationGracePeriodSeconds }}
  terminationGracePeriodSeconds: {{ . }}
  {{- end }}
  {{- with .values.topologySpreadConstraints }}
  topologySpreadConstraints:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .restartPolicy }}
  restartPolicy: {{ . }}
  {{- end }}
  securityContext:
    {{- toYaml .root.Values.securityContexts.pod | nindent 4 }}
  containers:
    - name: {{ .container | default .component }}
      image: {{ .root.Values.defaultAirflowRepository }}:{{ .root.Values.defaultAirflowTag }}
      args: {{ toJson (default (list "airflow" .component) .values.args) }}
      env:
        - name: AIRFLOW_CONN_AIRFLOW_DB
          valueFrom:
            secretKeyRef:
              name: {{ .root.Values.data.metadataSecretName }}
              key: connection
        {{- toYaml (concat (.root.Values.env | default list) (.values.env | default list)) | nindent 8 }}
      resources:
        {{- toYaml .values.resources | nindent 8 }}
      securityContext:
        {{- toYaml .root.Values.securityContexts.containers | nindent 8 }}
      volumeMounts:
        {{- toYaml .root.Values.volumeMounts | nindent 8 }}
  volumes:
    {{- toYaml .root.Values.volumes | nindent 4 }}
{{- end }}

{{- define "part.account" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ .values.serviceAccount.name }}
  {{- include "part.metadata" . | nindent 2 }}
automountServiceAccountToken: {{ .values.serviceAccount.automountServiceAccountToken }}
{{- end }}

{{- define "part.disruption" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ .disruption }}
  {{- include "part.metadata" . | nindent 2 }}
spec:
  {{- toYaml .values.podDisruptionBudget.config | nindent 2 }}
  selector:
    matchLabels:
      {{- include "part.selector" . | nindent 6 }}
{{- end }}

{{- define "part.deployment" -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .name }}
  {{- include "part.metadata" . | nindent 2 }}
spec:
  {{- if not .scaled }}
  replicas: {{ .values.replicas | default 1 }}
  {{- end }}
  revisionHistoryLimit: {{ .root.Values.revisionHistoryLimit }}
  {{- with .values.strategy }}
  strategy:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  selector:
    matchLabels:
      {{- include "part.selector" . | nindent 6 }}
  template:
    {{- include "part.pod" . | nindent 4 }}
{{- end }}

{{- define "part.service" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ .name }}
  {{- include "part.metadata" . | nindent 2 }}
spec:
  {{- if .headless }}
  clusterIP: None
  {{- end }}
  selector:
    {{- include "part.selector" . | nindent 4 }}
  ports:
    - name: {{ .port.name }}
      port: {{ .port.number }}
{{- end }}
