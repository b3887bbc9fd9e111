use std::sync::Arc;

use secrecy::SecretString;

use crate::router::Experiments;

use super::{
    key,
    reader::{Fields, Keys, Placed, Position, Reader},
};

/// What documents say of all experiments together.
#[derive(Clone, Default)]
pub(super) struct ExperimentsEntry {
    pub(super) holdout: Option<Placed<f64>>,
    pub(super) layers: Vec<LayerEntry>,
    override_key: Option<SecretString>,
}

/// A layer, and where its experiments are.
#[derive(Clone)]
pub(super) struct LayerEntry {
    pub(super) id: Placed<Arc<str>>,
    pub(super) members: Vec<(Placed<Arc<str>>, f64)>,
}

const KEYS: Keys = Keys {
    known: &["holdout", "layers", "override_key"],
    others: &[],
    unread: &[],
};

impl ExperimentsEntry {
    /// Reads `experiments:` of another document. Of several the first one's word counts; layers come together.
    pub(super) fn read(&mut self, reader: &mut Reader<'_>, fields: &mut Fields) {
        let Some(item) = fields.take(reader, "experiments") else {
            return;
        };
        let Some(mut fields) = reader.fields(item) else {
            return;
        };
        let holdout = fields.take(reader, "holdout").and_then(|item| {
            let value = reader.share(&item)?;
            let position = item.position;
            Some(Placed { value, position })
        });
        self.holdout = self.holdout.take().or(holdout);
        self.layers.extend(layers(reader, &mut fields));
        let key = fields.take(reader, "override_key");
        let key = key.and_then(|item| key::of_override(reader, item));
        self.override_key = self.override_key.take().or(key);
        fields.finish(reader, &KEYS);
    }

    pub(super) fn build(&self) -> Experiments {
        let mut experiments = Experiments::new();
        if let Some(holdout) = &self.holdout {
            experiments = experiments.with_holdout(holdout.value);
        }
        for layer in &self.layers {
            let members = layer.members.iter();
            let members = members.map(|(name, share)| (Arc::clone(&name.value), *share));
            experiments = experiments.with_layer(Arc::clone(&layer.id.value), members);
        }
        match &self.override_key {
            Some(key) => experiments.with_override_key(key.clone()),
            None => experiments,
        }
    }

    pub(super) fn layer(&self, at: usize) -> Option<&Position> {
        self.layers.get(at).map(|layer| &layer.id.position)
    }

    pub(super) fn member(&self, layer: usize, at: usize) -> Option<&Placed<Arc<str>>> {
        let (name, _) = self.layers.get(layer)?.members.get(at)?;
        Some(name)
    }
}

fn layers(reader: &mut Reader<'_>, fields: &mut Fields) -> Vec<LayerEntry> {
    let item = fields.take(reader, "layers");
    let Some(layers) = item.and_then(|item| reader.fields(item)) else {
        return Vec::new();
    };
    let mut read = Vec::new();
    for (id, item) in layers.into_items(reader) {
        let Some(members) = reader.fields(item) else {
            continue;
        };
        let members = members.into_items(reader).into_iter();
        let members =
            members.filter_map(|(name, share)| Some((shared(name), reader.share(&share)?)));
        read.push(LayerEntry {
            members: members.collect(),
            id: shared(id),
        });
    }
    read
}

fn shared(Placed { value, position }: Placed<String>) -> Placed<Arc<str>> {
    let value = value.into();
    Placed { value, position }
}
