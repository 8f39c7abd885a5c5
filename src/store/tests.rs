//! What the store says of a content, and what its narrow interface keeps.

use super::*;
use crate::error::ErrorKind;
use crate::progress::Progress;
use std::io::Read;
use std::path::PathBuf;

struct Trial {
    store: Store,
    folder: tempfile::TempDir,
}

fn trial() -> Trial {
    let folder = tempfile::tempdir().unwrap();
    for name in ["objects", "tmp"] {
        std::fs::create_dir(folder.path().join(name)).unwrap();
    }
    Trial { store: Store::new(folder.path().join("objects"), folder.path().join("tmp")), folder }
}

impl Trial {
    /// Replaces a blob's file behind the store's back.
    fn overwrite(&self, hash: &Hash, bytes: &[u8]) {
        let hex = hash.to_string();
        let path: PathBuf = self.folder.path().join("objects").join(&hex[..2]).join(&hex[2..]);
        std::fs::remove_file(&path).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

#[test]
fn a_content_is_here_elsewhere_or_damaged_and_every_reader_says_so() {
    let trial = trial();
    let store = &trial.store;
    let (here, damaged) = (store.put(b"here").unwrap().hash, store.put(b"damaged").unwrap().hash);
    let elsewhere = Hash::of(b"elsewhere");
    trial.overwrite(&damaged, b"damagEd");
    let target = trial.folder.path().join("target");
    for (hash, state, has) in [
        (here, BlobState::Present, true),
        (elsewhere, BlobState::Elsewhere, false),
        (damaged, BlobState::Damaged, true),
    ] {
        assert_eq!((store.state(&hash).unwrap(), store.has(&hash)), (state, has));
        let answers = [
            store.verify(&hash),
            store.read(&hash).map(drop),
            store.open(&hash).map(drop),
            store.export(&hash, &target, false),
        ];
        for answer in answers {
            match answer {
                Ok(()) => assert_eq!(state, BlobState::Present),
                Err(e) => {
                    assert_eq!(e.kind(), ErrorKind::Corrupt);
                    assert!(e.message().starts_with(&format!("blob {} {}", hash.short(), state.words())), "{e}");
                    assert!(e.hint_text().is_some());
                }
            }
        }
    }
    assert_eq!(std::fs::read(target).unwrap(), b"here");
    let inventory = store.inventory(&Progress::quiet()).unwrap();
    assert_eq!((inventory.count(), inventory.damaged().len()), (2, 1));
    let states = [here, elsewhere, damaged].map(|hash| inventory.state(&hash));
    assert_eq!(states, [BlobState::Present, BlobState::Elsewhere, BlobState::Damaged]);
}

#[test]
fn a_blob_is_opened_as_often_as_it_is_wanted_each_time_from_its_beginning() {
    let trial = trial();
    let blob = trial.store.open(&trial.store.put(b"id\n1\n").unwrap().hash).unwrap();
    for _ in 0..2 {
        let mut text = String::new();
        blob.open().unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "id\n1\n");
    }
}

#[test]
fn what_is_deleted_is_elsewhere_and_can_be_put_again() {
    let trial = trial();
    let store = &trial.store;
    let blob = store.put(b"a").unwrap();
    assert_eq!(store.put(b"a").unwrap(), blob, "the same content is the same blob");
    assert_eq!(store.list().unwrap(), [blob.hash]);
    let opened = store.open(&blob.hash).unwrap();
    assert!(store.delete(&blob.hash).unwrap() && !store.delete(&blob.hash).unwrap());
    assert_eq!(store.state(&blob.hash).unwrap(), BlobState::Elsewhere);
    assert!(opened.open().unwrap_err().message().contains("is not on this machine"));
    assert!(store.list().unwrap().is_empty());
    store.put(b"a").unwrap();
    assert_eq!(store.read(&blob.hash).unwrap(), b"a");
}

#[test]
fn files_that_are_no_blobs_are_neither_listed_nor_damaged() {
    let trial = trial();
    let objects = trial.folder.path().join("objects");
    std::fs::create_dir(objects.join("ab")).unwrap();
    for stray in ["README", "ab/notes.txt", "ab/ABCDEF"] {
        std::fs::write(objects.join(stray), b"x").unwrap();
    }
    assert!(trial.store.list().unwrap().is_empty());
    assert_eq!(trial.store.inventory(&Progress::quiet()).unwrap().count(), 0);
}
